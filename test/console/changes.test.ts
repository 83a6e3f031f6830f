import { describe, expect, it } from 'vitest';
import { Changes, type Look } from '../../src/console/changes.ts';
import { noOperatorControls, type OperatorControls } from '../../src/control/operator-controls.ts';
import type { Gap, Indicator, Throttle } from '../../src/control/throttle.ts';
import { throttleOf } from '../metrics/loop.ts';

const calm = throttleOf({ mode: 'L0', indicators: [], gaps: [] });
const arrivals: Indicator = { name: 'arrivals', interface: 'south', value: 3.12, proposes: 'L2' };
const gap = (digits: string, some: Partial<Gap> = {}): Gap => ({
  digits,
  limit: { kind: 'interval', intervalMs: 2000 },
  cause: 'mass-calling',
  untilMs: 60_000,
  ...some,
});

/** What is told of looks, one after the other. */
function told(...looks: readonly (Partial<Omit<Look, 'throttle'>> & { readonly throttle?: Partial<Throttle> })[]) {
  const lines: string[][] = [];
  let now: string[] = [];
  const changes = new Changes(({ kind, severity, text, by }) =>
    now.push(`${kind} ${severity} ${text}${by === undefined ? '' : ` (${by})`}`),
  );
  let before: Throttle | undefined;
  for (const look of looks) {
    now = [];
    const throttle = { ...calm, ...look.throttle };
    changes.look({
      ...{ before, causes: [], switches: new Map(), controls: noOperatorControls, isDraining: false, nowMs: 0 },
      ...look,
      throttle,
    });
    before = throttle;
    lines.push(now);
  }
  return lines;
}

describe('what is told', () => {
  it('is nothing while nothing changes', () => {
    const busy = { throttle: { mode: 'L3', indicators: [arrivals], gaps: [gap('555')] }, isDraining: true } as const;
    const switches = new Map([['sw1', 'down']]);
    expect(told({ switches }, { switches })).toEqual([[], []]);
    expect(
      told({ ...busy, switches }, { ...busy, switches, throttle: { ...busy.throttle, ordinaryPerSecond: 7 } })[1],
    ).toEqual([]);
  });

  it.each([
    ['L0', 'L1', 'mode warning running mode L0 → L1: arrivals of south 312 %'],
    ['L1', 'L3', 'mode critical running mode L1 → L3: arrivals of south 312 %'],
    ['L3', 'L2', 'mode info running mode L3 → L2'],
    ['L1', 'L0', 'mode info running mode L1 → L0'],
  ] as const)('of the running mode from %s to %s is why', (from, to, line) => {
    const indicators = [arrivals];
    const second = { throttle: { mode: to, indicators }, causes: ['arrivals'] } as const;
    expect(told({ throttle: { mode: from, indicators } }, second)[1]).toEqual([line]);
  });

  it('of a mode names an operator or orchestrator that asks for it', () => {
    const [lines] = told({ throttle: { mode: 'L2' }, causes: ['operator'] });
    expect(lines).toEqual(['mode warning running mode L0 → L2: operator']);
  });

  it('of indicators is when one is raised, and when it no longer is', () => {
    const queues: Indicator = { name: 'lanes' as never, interface: undefined, value: 0.5, proposes: 'L0' };
    expect(
      told(
        {},
        { throttle: { indicators: [arrivals, queues] } },
        { throttle: { indicators: [{ ...arrivals, proposes: 'L3' }] } },
        {},
      ),
    ).toEqual([
      [],
      ['indicator warning arrivals of south 312 %, asks for L2'],
      [],
      ['indicator info arrivals: no longer raised'],
    ]);
  });

  it('of gaps is which, and why; many at once are one line', () => {
    const code = gap('555', { cause: 'hard-to-reach', limit: { kind: 'share', passRatio: 0.25 } });
    const many = Array.from({ length: 6 }, (_, i) => gap(`90${i}`));
    const changed = gap('5550001111', { limit: { kind: 'interval', intervalMs: 4000 } });
    expect(
      told(
        { throttle: { gaps: [gap('5550001111'), code] } },
        { throttle: { gaps: [changed] } },
        { throttle: { gaps: many } },
      ),
    ).toEqual([
      [
        'gap warning gap placed, mass calling: 5550001111 1 call per 2 s',
        'gap warning gap placed, hard to reach: 555 25 % of calls pass',
      ],
      ['gap info gap ended, hard to reach: 555 25 % of calls pass'],
      [
        'gap warning 6 gaps placed: 900, 901, 902, 903, 904 and others',
        'gap info gap ended, mass calling: 5550001111 1 call per 4 s',
      ],
    ]);
  });

  it('of a gap of an operator is its end alone, and not where he has lifted it: the audit tells that', () => {
    const own = gap('555', { cause: 'operator', limit: { kind: 'interval', intervalMs: Number.POSITIVE_INFINITY } });
    const gaps = [own];
    expect(told({ throttle: { gaps } }, { nowMs: 30_000 })).toEqual([[], []]);
    expect(told({ throttle: { gaps } }, { nowMs: 60_000 })).toEqual([
      [],
      ['gap info gap ended, by an operator: 555 no call passes'],
    ]);
  });

  it('of switches is each change of state; the first is no change', () => {
    const states = (one: string) => ({ switches: new Map([['sw1', one]]) });
    expect(told(states('down'), states('up'), states('refusing'), states('silent'), {}, states('up'))).toEqual([
      [],
      ['switch info switch sw1: down → up'],
      ['switch warning switch sw1: up → refusing'],
      ['switch critical switch sw1: refusing → silent'],
      [],
      [],
    ]);
  });

  it('of a drain is its beginning and its end', () => {
    expect(told({ isDraining: true }, { isDraining: true }, {})).toEqual([
      ['drain warning draining: ordinary new calls are refused'],
      [],
      ['drain info no longer draining'],
    ]);
  });

  it('of orders is that their time is over, and not that they were lifted', () => {
    const held = { untilMs: 1000, reason: 'x', by: 'ann' };
    const controls: OperatorControls = {
      mode: { mode: 'L2', ...held },
      drain: held,
      shadow: { on: true, ...held },
      drainedSwitches: new Map([['sw1', held]]),
    };
    expect(told({ controls, nowMs: 0 }, { nowMs: 999 })[1]).toEqual([]);
    expect(told({ controls, nowMs: 0 }, { controls, nowMs: 999 }, { nowMs: 1000 })).toEqual([
      [],
      [],
      [
        'operator info the order of L2 is over (ann)',
        'operator info the order to drain the edge is over (ann)',
        'operator info the order of shadow mode on is over (ann)',
        'operator info the drain of sw1 is over (ann)',
      ],
    ]);
  });
});
