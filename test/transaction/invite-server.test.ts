// RFC 6026 Figure 7 as a table: every (state, event) pair.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type InviteServerAction,
  type InviteServerEvent,
  type InviteServerState,
  inviteServerEvents,
  inviteServerRules,
  inviteServerStart,
  stepInviteServer,
} from '../../src/transaction/invite-server.ts';
import { defaultTimerBase, timerTable } from '../../src/transaction/timers.ts';

const timers = timerTable(defaultTimerBase);
const unreliable = inviteServerRules(timers, false);
const reliable = inviteServerRules(timers, true);

const states: Record<string, InviteServerState> = {
  fresh: inviteServerStart,
  proceeding: { name: 'proceeding', answered: true },
  completed: { name: 'completed', intervalMs: 500 },
  confirmed: { name: 'confirmed' },
  accepted: { name: 'accepted' },
  terminated: { name: 'terminated' },
};

/** `state: actions`, in few words. */
function shown(step: { state: InviteServerState; actions: readonly InviteServerAction[] }): string {
  const words = step.actions.map((action) => {
    switch (action.kind) {
      case 'send-new':
        return action.keep ? 'send+keep' : 'send';
      case 'set-timer':
        return `${action.timer}=${action.delayMs}`;
      case 'clear-timer':
        return `-${action.timer}`;
      case 'tell-tu':
        return `tu:${action.what}`;
      case 'unreachable':
        return `unreachable(${action.state},${action.event})`;
      default:
        return action.kind;
    }
  });
  return [step.state.name, ...words].join(' ');
}

const x = 'unreachable';
const error = 'tu:transport-error';
type Row = Record<InviteServerEvent, string>;
// biome-ignore format: one row a state, so that it reads like the figure
const figure: Record<keyof typeof states, Row> = {
  fresh: {
    request: 'proceeding', ack: 'proceeding',
    'tu-100': 'proceeding send+keep', 'tu-provisional': 'proceeding send+keep',
    'tu-2xx': 'accepted send l=32000', 'tu-300-699': 'completed send+keep g=500 h=32000',
    'timer-g': x, 'timer-h': x, 'timer-i': x, 'timer-l': x, 'transport-error': `proceeding ${error}`,
  },
  proceeding: {
    request: 'proceeding send-last', ack: 'proceeding',
    'tu-100': 'proceeding send+keep', 'tu-provisional': 'proceeding send+keep',
    'tu-2xx': 'accepted send l=32000', 'tu-300-699': 'completed send+keep g=500 h=32000',
    'timer-g': x, 'timer-h': x, 'timer-i': x, 'timer-l': x, 'transport-error': `proceeding ${error}`,
  },
  completed: {
    request: 'completed send-last', ack: 'confirmed -g -h i=5000',
    'tu-100': x, 'tu-provisional': x, 'tu-2xx': 'completed pass-on', 'tu-300-699': x,
    'timer-g': 'completed send-last g=1000', 'timer-h': 'terminated -g tu:no-ack terminate',
    'timer-i': x, 'timer-l': x, 'transport-error': `completed ${error}`,
  },
  confirmed: {
    request: 'confirmed', ack: 'confirmed',
    'tu-100': x, 'tu-provisional': x, 'tu-2xx': 'confirmed pass-on', 'tu-300-699': x,
    'timer-g': 'confirmed', 'timer-h': x, 'timer-i': 'terminated terminate', 'timer-l': x,
    'transport-error': `confirmed ${error}`,
  },
  accepted: {
    request: 'accepted', ack: 'accepted tu:ack',
    'tu-100': x, 'tu-provisional': x, 'tu-2xx': 'accepted pass-on', 'tu-300-699': x,
    'timer-g': x, 'timer-h': x, 'timer-i': x, 'timer-l': 'terminated terminate',
    'transport-error': `accepted ${error}`,
  },
  terminated: {
    request: x, ack: x, 'tu-100': x, 'tu-provisional': x, 'tu-2xx': 'terminated pass-on', 'tu-300-699': x,
    'timer-g': x, 'timer-h': x, 'timer-i': x, 'timer-l': x, 'transport-error': x,
  },
};

/** What differs on TCP and TLS. */
const reliableDiffers: Record<string, Partial<Row>> = {
  fresh: { 'tu-300-699': 'completed send+keep h=32000' },
  proceeding: { 'tu-300-699': 'completed send+keep h=32000' },
  completed: { ack: 'terminated -h terminate', 'timer-g': x },
};

describe.each([
  ['unreliable', unreliable],
  ['reliable', reliable],
] as const)('INVITE server transaction, %s', (kind, rules) => {
  for (const [name, row] of Object.entries(figure)) {
    it.each(inviteServerEvents.map((event) => [event] as const))(`${name}: %s`, (event) => {
      const state = states[name]!;
      const expected = (kind === 'reliable' ? reliableDiffers[name]?.[event] : undefined) ?? row[event];
      const whole = expected === x ? `${state.name} unreachable(${state.name},${event})` : expected;
      expect(shown(stepInviteServer(rules, state, event))).toBe(whole);
    });
  }
});

describe('INVITE server transaction over time', () => {
  it('RFC 3261 §17.2.1: Timer G doubles up to T2', () => {
    let state: InviteServerState = { name: 'completed', intervalMs: timers.gMs };
    const delays: number[] = [];
    for (let i = 0; i < 6; i++) {
      const step = stepInviteServer(unreliable, state, 'timer-g');
      state = step.state;
      for (const action of step.actions) if (action.kind === 'set-timer') delays.push(action.delayMs);
    }
    expect(delays).toEqual([1000, 2000, 4000, 4000, 4000, 4000]);
  });

  it('ordinary steps allocate nothing: equal events give the same step', () => {
    const once = stepInviteServer(unreliable, inviteServerStart, 'tu-100');
    expect(stepInviteServer(unreliable, once.state, 'tu-provisional')).toBe(once);
  });

  it('any order of events: one final refusal, one terminate, nothing after it, timers in order', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.constantFrom<InviteServerEvent>(...inviteServerEvents), { maxLength: 40 }),
        (isReliable, events) => {
          const rules = isReliable ? reliable : unreliable;
          const set = new Set<string>();
          let state = inviteServerStart;
          let kept = false;
          let finals = 0;
          for (const event of events) {
            const timer = event.startsWith('timer-') ? event.slice(6) : '';
            // Only a timer that is set fires.
            if (timer !== '' && !set.delete(timer)) continue;
            const before: string = state.name;
            const step = stepInviteServer(rules, state, event);
            state = step.state;
            if (before === 'terminated') {
              expect(step.actions.map((action) => action.kind)).toEqual([
                event === 'tu-2xx' ? 'pass-on' : 'unreachable',
              ]);
              continue;
            }
            for (const action of step.actions) {
              if (action.kind === 'set-timer') set.add(action.timer);
              if (action.kind === 'clear-timer') set.delete(action.timer);
              if (action.kind === 'send-new') kept = action.keep;
              if (action.kind === 'send-last') expect(kept).toBe(true);
              if (action.kind === 'unreachable') expect(event.startsWith('tu-')).toBe(true);
              if (action.kind === 'send-new' && event === 'tu-300-699') finals++;
              if (action.kind === 'terminate') {
                expect(state.name).toBe('terminated');
                expect([...set]).toEqual([]);
              }
            }
            // Whatever is not terminated ends by itself once a final response is out.
            if (state.name !== 'terminated' && state.name !== 'proceeding') expect(set.size).toBeGreaterThan(0);
          }
          expect(finals).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
