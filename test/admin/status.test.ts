import { describe, expect, it } from 'vitest';
import { createAdmin } from '../../src/admin/server.ts';
import { type StatusExtras, statusOf } from '../../src/admin/status.ts';
import { statusText } from '../../src/admin/status-text.ts';
import { noOperatorControls } from '../../src/control/operator-controls.ts';
import type { LoopView } from '../../src/metrics/loop-view.ts';
import { linkView } from '../metrics/link.ts';
import { loopView, operatorGap, throttleOf } from '../metrics/loop.ts';
import { optionsWith } from './options.ts';

const extras: StatusExtras = {
  version: '1.2.3',
  shadow: false,
  draining: false,
  gaps: [{ gap: operatorGap, passed: 3, refused: 40 }],
  controls: noOperatorControls,
  ordered: [],
  links: [],
  stateOf: () => 'up',
};
const clocks = { nowMs: 22_000, unixMs: Date.UTC(2030, 0, 2, 3, 4, 5) };

const status = (view: Partial<LoopView> = {}, more: Partial<StatusExtras> = {}) =>
  statusOf(loopView(view), { ...extras, ...more }, clocks);

describe('the status', () => {
  it('says mode, causes, limits and times as a person reads them', () => {
    expect(status()).toMatchObject({
      ...{ version: '1.2.3', at: '2030-01-02T03:04:05.000Z', mode: 'L3', modeSince: '2030-01-02T03:03:53.000Z' },
      ...{ causes: ['arrivals'], controlEnabled: true, ordinaryCallsPerSecond: 120, nonEssentialPass: false },
      process: { loopUtilisation: 0.5, loopDelaySeconds: 0.012, memoryRatio: 0.1 },
      gaps: [
        { digits: '5550001111', endsAt: '2030-01-02T03:04:53.000Z', remainingSeconds: 48, passed: 3, refused: 40 },
      ],
    });
    expect(status().indicators).toHaveLength(8);
    expect(status().indicators[0]).toEqual({ name: 'arrivals', proposes: 'L3', ratio: 10.5, interface: 'south' });
  });

  it('has null for limits that are not there, and no Infinity or NaN anywhere', () => {
    const { switches, interfaces } = status();
    expect(switches).toMatchObject([
      { name: 'sw1', capacityPerSecond: 140.123, outstandingLimit: 33, atCapacity: true, oc: null },
      { name: 'sw2', capacityPerSecond: null, limitPerSecond: null, outstandingLimit: null, oc: { lossPercent: 30 } },
    ]);
    expect(interfaces).toMatchObject([
      { name: 'south', normalPerSecond: 25, sharePerSecond: 80, kernelQueueRatio: 0.25, kernelDrops: 3, waiting: 7 },
      {
        ...{ name: 'east', normalPerSecond: null, kernelQueueRatio: null, scan: { intervalSeconds: 0.15, batch: 3 } },
        neighbours: [
          { name: '', sharePerSecond: null, oc: null, complies: true },
          { name: 'carrier', sharePerSecond: 40, oc: { lossPercent: 40 }, complies: false },
        ],
      },
    ]);
    const free = throttleOf({ ordinaryPerSecond: Infinity, registrationsPerSecond: Infinity });
    const numbers: number[] = [];
    JSON.stringify(status({ throttle: free }), (_key, value: unknown) => {
      if (typeof value === 'number') numbers.push(value);
      return value;
    });
    expect(numbers.filter((number) => !Number.isFinite(number))).toEqual([]);
  });

  it('shows the fifty gaps that refuse the most, and says how many there are', () => {
    const gaps = Array.from({ length: 80 }, (_, i) => ({
      gap: { ...operatorGap, digits: String(1000 + i) },
      passed: 0,
      refused: i,
    }));
    const { gaps: shown, gapCount } = status({}, { gaps });
    expect(gapCount).toBe(80);
    expect(shown.map(({ refused }) => refused)).toEqual(Array.from({ length: 50 }, (_, i) => 79 - i));
  });

  it('is on GET /v1/status; before the first throttle 503', async () => {
    const ready = createAdmin(optionsWith({ status: () => status() }));
    const answer = await ready.inject('/v1/status');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(status());
    const early = await createAdmin(optionsWith({})).inject('/v1/status');
    expect(early.statusCode).toBe(503);
    expect(early.headers['retry-after']).toBe('1');
    expect(early.json()).toMatchObject({ title: 'Service Unavailable', detail: 'Nothing has been measured yet.' });
  });
});

describe('what is ordered from outside', () => {
  const held = { untilMs: 82_000, reason: 'exercise', by: 'ann' };
  const controls = {
    mode: { mode: 'L2' as const, ...held },
    drain: held,
    shadow: { on: true, ...held },
    drainedSwitches: new Map([['sw2', held]]),
  };
  const links = [linkView({ name: 'host-1:9465' }), linkView({ name: 'host-2', isUp: false, mode: undefined })];
  const ordered = [{ orchestrator: 'host-1', kind: 'drain' as const, by: 'noc', untilMs: 30_000 }];

  it('is in the status with its end', () => {
    const { boundaryPerSecond, orchestrators, controls: shown, switches } = status({}, { links, controls, ordered });
    expect(boundaryPerSecond).toBe(800);
    expect(orchestrators).toMatchObject([
      {
        name: 'host-1:9465',
        up: true,
        mode: 'L1',
        boundaryPerSecond: 800,
        allocation: { cpuCores: 0.4 },
        allowed: { cpuCores: 0.2 },
      },
      { name: 'host-2', up: false, mode: null },
    ]);
    const until = { remainingSeconds: 60, endsAt: '2030-01-02T03:05:05.000Z', by: 'ann', reason: 'exercise' };
    expect(shown).toEqual({
      mode: { mode: 'L2', ...until },
      drain: until,
      shadow: { on: true, ...until },
      switches: [{ name: 'sw2', ...until }],
      ordered: [
        { orchestrator: 'host-1', kind: 'drain', by: 'noc', remainingSeconds: 8, endsAt: '2030-01-02T03:04:13.000Z' },
      ],
    });
    expect(switches.map(({ drained }) => drained)).toEqual([false, true]);
  });

  it('is in the page of text', () => {
    const text = statusText(status({}, { links, controls, ordered }));
    expect(text).toContain('\nORDERED BY HAND: L2 for 60 s more (ann: exercise)\n');
    expect(text).toContain('\nORDERED BY HAND: drain of the edge for 60 s more (ann: exercise)\n');
    expect(text).toContain('\nORDERED BY HAND: shadow mode on for 60 s more (ann: exercise)\n');
    expect(text).toContain('\nORDERED BY HAND: drain of sw2 for 60 s more (ann: exercise)\n');
    expect(text).toContain('\nORDERED: drain of the edge for 8 s more (noc@host-1)\n');
    expect(text).toMatch(/\nsw2 +up, drained /);
    expect(text).toContain(
      [
        'ORCHESTRATOR  STATE  MODE  BOUNDARY  GIVES UP  NOTICES  ANSWERED',
        'host-1:9465   up     L1    800/s     25 %      1        1 s ago',
        'host-2        down   none  800/s     25 %      1        1 s ago',
      ].join('\n'),
    );
  });
});

describe('its page of text', () => {
  it('is a table of each kind of thing', () => {
    expect(statusText(status()).split('\n')).toEqual([
      'surgegate 1.2.3   L3 for 12 s because of arrivals   2030-01-02T03:04:05.000Z',
      'ordinary calls 120/s   registrations 30/s   non-essential refused   Retry-After +2 s',
      'event loop 50 %, late by 12 ms   memory 10 %   50 % of calls are for 5550001111',
      '',
      'INDICATOR  PROPOSES  MEASURED  ON',
      'arrivals   L3        1050 %    south',
      '',
      'SWITCH  STATE  CAPACITY  LIMIT     DEMAND  OUTSTANDING',
      'sw1     up     140/s     140/s     300/s   4 of 33      at capacity',
      'sw2     up     unknown   no limit  300/s   4            oc: 30 % less',
      '',
      'INTERFACE     NEW CALLS  NORMAL   SHARE        WAITING    SERVED        KERNEL QUEUE',
      'south         28.5/s     25/s     80/s         7, 120 ms  3 per 150 ms  25 %, 3 lost',
      'east          28.5/s     unknown  80/s         7, 120 ms  3 per 150 ms  unknown',
      "  all others  19/s                interface's",
      '  carrier     19/s                40/s                                                oc: 40 % less, does not comply',
      '',
      'GAP ON      CAUSE     PASSES     ENDS IN  PASSED  REFUSED',
      '5550001111  operator  1 per 2 s  48 s     3       40',
    ]);
  });

  it('says loudly what keeps the limits from being in force', () => {
    const text = statusText(status({ isEnabled: false }, { shadow: true, draining: true, gaps: [] }));
    expect(text).toContain('\nSHADOW MODE: ');
    expect(text).toContain('\nCONTROL IS OFF: ');
    expect(text).toContain('\nDRAINING: ');
    expect(text).toContain('\nno gaps');
  });
});

describe('a drachtio-server that carries SIP', () => {
  const drachtio = {
    ...{ isUp: true, version: 'v0.9.10', losses: 2, pending: 12, cpuRatio: 0.61, lagSeconds: 0.0042 },
    ...{ unseenPerSecond: 31.4, missedRatio: 0 },
  };

  it('is null where there is none', () => expect(status().drachtio).toBeNull());

  it('is told as far as it is known', () => {
    expect(status({}, { drachtio }).drachtio).toEqual({
      ...{ up: true, version: 'v0.9.10', pending: 12, cpuRatio: 0.61, lagSeconds: 0.004 },
      ...{ unseenPerSecond: 31.4, missedRatio: 0 },
    });
    const unknown = { ...drachtio, cpuRatio: undefined, unseenPerSecond: undefined, missedRatio: undefined };
    expect(status({}, { drachtio: unknown }).drachtio).toMatchObject({ cpuRatio: null, unseenPerSecond: null });
  });

  it('is one line for a terminal, which says when it is down and when it loses requests', () => {
    const text = (more: Partial<typeof drachtio>) => statusText(status({}, { drachtio: { ...drachtio, ...more } }));
    expect(text({})).toContain(
      'drachtio-server v0.9.10 up   pending 12   CPU 61 %   late by 4 ms   31 requests/s not handed over\n',
    );
    expect(text({ isUp: false })).toContain('drachtio-server v0.9.10 DOWN: no requests come');
    expect(text({ missedRatio: 0.5 })).toContain('SELF-TEST: 50 % lost');
  });
});
