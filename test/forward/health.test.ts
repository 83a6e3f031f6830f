import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HealthEvent, initialHealth, type SwitchHealth, stepHealth } from '../../src/forward/health.ts';

const limits = { failuresToDown: 3, successesToUp: 2 };
const sent: HealthEvent = { kind: 'probe-sent' };
const lost: HealthEvent = { kind: 'probe-timeout' };
const traffic: HealthEvent = { kind: 'traffic-response' };
const noAnswer: HealthEvent = { kind: 'traffic-timeout' };
const refused: HealthEvent = { kind: 'transport-error' };
const answer = (status: number): HealthEvent => ({ kind: 'probe-response', status });

function healthAfter(events: readonly HealthEvent[], start: SwitchHealth = initialHealth): SwitchHealth {
  return events.reduce((health, event) => stepHealth(health, event, limits).health, start);
}

const down = healthAfter([lost, lost, lost]);

describe('health of a switch', () => {
  it.each<[string, readonly HealthEvent[], SwitchHealth['name']]>([
    ['one lost probe', [sent, lost], 'up'],
    ['two lost probes', [sent, lost, sent, lost], 'up'],
    ['three lost probes', [sent, lost, sent, lost, sent, lost], 'down'],
    ['an answer between them', [sent, lost, sent, lost, sent, answer(200), sent, lost], 'up'],
    ['traffic between them', [sent, lost, sent, lost, traffic, sent, lost], 'up'],
    ['a lost probe while traffic was heard', [lost, lost, sent, traffic, lost, lost, lost], 'up'],
    ['INVITEs without an answer', [noAnswer, noAnswer, noAnswer], 'down'],
    ['nothing can be sent', [refused, noAnswer, lost], 'down'],
    ['408 from an element in between', [answer(408), answer(408), answer(408)], 'down'],
    ['405 to OPTIONS', [lost, lost, answer(405), lost, lost], 'up'],
    ['503 to OPTIONS', [answer(503)], 'refusing'],
    ['503, then traffic: it said so by a probe', [answer(503), traffic, traffic], 'refusing'],
    ['503, then 200', [answer(503), answer(200)], 'up'],
    ['503, then silence', [answer(503), sent, lost, sent, lost, sent, lost], 'down'],
    ['100 to OPTIONS proves life only', [answer(503), answer(100)], 'refusing'],
  ])('%s', (_what, events, expected) => {
    expect(healthAfter(events).name).toBe(expected);
  });

  it.each<[string, readonly HealthEvent[], SwitchHealth['name']]>([
    ['one answer is not enough', [answer(200)], 'down'],
    ['two are', [answer(200), answer(404)], 'up'],
    ['traffic counts', [traffic, answer(481)], 'up'],
    ['but in a row', [answer(200), sent, lost, answer(200)], 'down'],
    ['503: alive, and refusing', [answer(503)], 'refusing'],
  ])('down: %s', (_what, events, expected) => {
    expect(healthAfter(events, down).name).toBe(expected);
  });

  it('failuresToDown 1 still survives one lost probe', () => {
    expect(stepHealth(initialHealth, lost, { failuresToDown: 1, successesToUp: 1 }).health.name).toBe('up');
  });

  it('tells of changes only', () => {
    expect(stepHealth(initialHealth, lost, limits).changedFrom).toBeUndefined();
    expect(stepHealth(healthAfter([lost, lost]), lost, limits).changedFrom).toBe('up');
    expect(stepHealth(down, answer(503), limits).changedFrom).toBe('down');
  });

  it('an answered event that changes nothing returns the same value', () => {
    const health = healthAfter([traffic]);
    expect(stepHealth(health, traffic, limits).health).toBe(health);
  });

  it('any order of events: down only after enough failures in a row; refusing only by a 503', () => {
    const anyEvent = fc.oneof(
      fc.constantFrom(sent, lost, traffic, noAnswer, refused),
      fc.constantFrom(100, 200, 404, 408, 503).map(answer),
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        let health = initialHealth;
        let silent = 0;
        for (const event of events) {
          const step = stepHealth(health, event, limits);
          const isFailure =
            event.kind.endsWith('timeout') ||
            event.kind === 'transport-error' ||
            (event.kind === 'probe-response' && event.status === 408);
          if (isFailure) silent++;
          else if (event.kind !== 'probe-sent') silent = 0;
          expect(step.changedFrom).toBe(step.health.name === health.name ? undefined : health.name);
          if (step.health.name === 'down' && health.name !== 'down') {
            expect(silent).toBeGreaterThanOrEqual(limits.failuresToDown);
          }
          if (step.health.name === 'refusing' && health.name !== 'refusing') expect(event).toEqual(answer(503));
          health = step.health;
        }
      }),
    );
  });
});
