import { expect, it } from 'vitest';
import type { AuditNote } from '../../../src/audit-log.ts';
import type { AuditEntry } from '../../../src/congestion/north-messages.ts';
import { NorthControls } from '../../../src/orchestrator/north/north-controls.ts';
import { NorthDesk } from '../../../src/orchestrator/north/north-desk.ts';

function setUp() {
  const noted: AuditNote<AuditEntry['action']>[] = [];
  const controls = new NorthControls((name) => name === 'web');
  const note = (action: AuditNote<AuditEntry['action']>) => {
    noted.push(action);
    return { at: '', ...action };
  };
  return { desk: new NorthDesk(controls, { note }), controls, noted };
}

it('every order by hand is audited once, with its end', () => {
  const { desk, noted } = setUp();
  desk.override({ mode: 'L2', seconds: 10, reason: 'drill' }, 'noc', 5);
  expect(desk.gap('+19005550100', { passRatio: 0, seconds: 1, reason: 'vote' }, 'ain-1', 5)).toBeUndefined();
  expect(desk.drain('web', { seconds: 2, reason: 'upgrade' }, 'noc', 5)).toBeUndefined();
  expect(desk.liftOverride('noc-2', 6)).toBe(true);
  expect(desk.liftGap('9005550100', 'noc-2', 6)).toBe(true);
  expect(desk.liftDrain('web', 'noc-2', 6)).toBe(true);
  expect(noted).toEqual([
    { by: 'noc', action: 'override', subject: 'L2', reason: 'drill', seconds: 10 },
    { by: 'ain-1', action: 'gap', subject: '9005550100', reason: 'vote', seconds: 1 },
    { by: 'noc', action: 'drain', subject: 'web', reason: 'upgrade', seconds: 2 },
    { by: 'noc-2', action: 'lift-override', subject: 'L2', reason: 'drill' },
    { by: 'noc-2', action: 'lift-gap', subject: '9005550100', reason: 'vote' },
    { by: 'noc-2', action: 'lift-drain', subject: 'web', reason: 'upgrade' },
  ]);
});

it('what is refused, or was not there, is not', () => {
  const { desk, noted } = setUp();
  expect(desk.gap('x', { passRatio: 0, seconds: 1, reason: 'vote' }, 'noc', 0)).toMatchObject({ refused: 400 });
  expect(desk.drain('x', { seconds: 1, reason: 'r' }, 'noc', 0)).toMatchObject({ refused: 404 });
  expect(desk.liftOverride('noc', 0)).toBe(false);
  expect(desk.liftGap('900', 'noc', 0)).toBe(false);
  expect(desk.liftDrain('web', 'noc', 0)).toBe(false);
  expect(noted).toEqual([]);
});

it('what comes to its end is audited, by nobody', () => {
  const { desk, noted } = setUp();
  desk.override({ mode: 'L2', seconds: 10, reason: 'drill' }, 'noc', 0);
  expect(desk.expire(9999)).toBe(false);
  expect(desk.expire(10_000)).toBe(true);
  expect(desk.expire(10_000)).toBe(false);
  expect(noted.slice(1)).toEqual([{ by: 'expiry', action: 'lift-override', subject: 'L2', reason: 'drill' }]);
});
