// RFC 6026 Figure 5 as a table: every (state, event) pair.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type InviteClientAction,
  type InviteClientEvent,
  type InviteClientState,
  inviteClientEvents,
  inviteClientRules,
  stepInviteClient,
} from '../../src/transaction/invite-client.ts';
import { defaultTimerBase, timerTable } from '../../src/transaction/timers.ts';

const timers = timerTable(defaultTimerBase);
const unreliable = inviteClientRules(timers, false);
const reliable = inviteClientRules(timers, true);

const states: Record<string, InviteClientState> = {
  calling: { name: 'calling', intervalMs: 500 },
  proceeding: { name: 'proceeding' },
  completed: { name: 'completed' },
  accepted: { name: 'accepted' },
  terminated: { name: 'terminated' },
};

/** `state: actions`, in few words. */
function shown(step: { state: InviteClientState; actions: readonly InviteClientAction[] }): string {
  const words = step.actions.map((action) => {
    switch (action.kind) {
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
type Row = Record<InviteClientEvent, string>;
// biome-ignore format: one row a state, so that it reads like the figure
const figure: Record<keyof typeof states, Row> = {
  calling: {
    provisional: 'proceeding -a -b tu:response',
    '2xx': 'accepted -a -b tu:response m=32000',
    '300-699': 'completed -a -b send-ack tu:response d=32000',
    'timer-a': 'calling send-request a=1000', 'timer-b': 'terminated -a tu:timeout terminate',
    'timer-d': x, 'timer-m': x,
    'transport-error': 'terminated -a -b tu:transport-error terminate', 'tu-abandon': 'terminated -a -b terminate',
  },
  proceeding: {
    provisional: 'proceeding tu:response',
    '2xx': 'accepted tu:response m=32000',
    '300-699': 'completed send-ack tu:response d=32000',
    'timer-a': x, 'timer-b': x, 'timer-d': x, 'timer-m': x,
    'transport-error': 'proceeding', 'tu-abandon': 'terminated terminate',
  },
  completed: {
    provisional: 'completed', '2xx': 'completed tu:response', '300-699': 'completed send-ack',
    'timer-a': x, 'timer-b': x, 'timer-d': 'terminated terminate', 'timer-m': x,
    'transport-error': 'terminated -d tu:transport-error terminate', 'tu-abandon': x,
  },
  accepted: {
    provisional: 'accepted', '2xx': 'accepted tu:response', '300-699': 'accepted',
    'timer-a': x, 'timer-b': x, 'timer-d': x, 'timer-m': 'terminated terminate',
    'transport-error': 'accepted', 'tu-abandon': x,
  },
  terminated: {
    provisional: x, '2xx': x, '300-699': x, 'timer-a': x, 'timer-b': x, 'timer-d': x, 'timer-m': x,
    'transport-error': x, 'tu-abandon': x,
  },
};

/** What differs on TCP and TLS. */
const reliableDiffers: Record<string, Partial<Row>> = {
  calling: { '300-699': 'terminated -a -b send-ack tu:response terminate', 'timer-a': x },
  proceeding: {
    '300-699': 'terminated send-ack tu:response terminate',
    'transport-error': 'terminated tu:transport-error terminate',
  },
};

describe.each([
  ['unreliable', unreliable],
  ['reliable', reliable],
] as const)('INVITE client transaction, %s', (kind, rules) => {
  for (const [name, row] of Object.entries(figure)) {
    it.each(inviteClientEvents.map((event) => [event] as const))(`${name}: %s`, (event) => {
      const state = states[name]!;
      const expected = (kind === 'reliable' ? reliableDiffers[name]?.[event] : undefined) ?? row[event];
      const whole = expected === x ? `${state.name} unreachable(${state.name},${event})` : expected;
      expect(shown(stepInviteClient(rules, state, event))).toBe(whole);
    });
  }
});

describe('INVITE client transaction over time', () => {
  it('RFC 3261 §17.1.1.2: starts with the INVITE, Timer A where unreliable, and Timer B', () => {
    expect(shown(unreliable.start)).toBe('calling send-request a=500 b=32000');
    expect(shown(reliable.start)).toBe('calling send-request b=32000');
  });

  it('RFC 3261 §17.1.1.2: seven INVITEs before Timer B, at doubling intervals without T2', () => {
    let { state } = unreliable.start;
    let atMs = 0;
    let nextMs = timers.aMs;
    const sentMs = [0];
    while (atMs + nextMs < timers.bMs) {
      atMs += nextMs;
      const step = stepInviteClient(unreliable, state, 'timer-a');
      state = step.state;
      sentMs.push(atMs);
      const set = step.actions.find((action) => action.kind === 'set-timer');
      nextMs = set?.kind === 'set-timer' ? set.delayMs : Number.POSITIVE_INFINITY;
    }
    expect(sentMs).toEqual([0, 500, 1500, 3500, 7500, 15500, 31500]);
  });

  it('any order of events: refusals told once, one ACK for each, nothing after terminate, no timer left behind', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.constantFrom<InviteClientEvent>(...inviteClientEvents), { maxLength: 40 }),
        (isReliable, events) => {
          const rules = isReliable ? reliable : unreliable;
          const set = new Set<string>();
          for (const action of rules.start.actions) if (action.kind === 'set-timer') set.add(action.timer);
          let { state } = rules.start;
          let refusalsTold = 0;
          for (const event of events) {
            const timer = event.startsWith('timer-') ? event.slice(6) : '';
            if (timer !== '' && !set.delete(timer)) continue;
            const before: string = state.name;
            const step = stepInviteClient(rules, state, event);
            state = step.state;
            if (before === 'terminated') {
              expect(step.actions.map((action) => action.kind)).toEqual(['unreachable']);
              continue;
            }
            for (const action of step.actions) {
              if (action.kind === 'set-timer') set.add(action.timer);
              if (action.kind === 'clear-timer') set.delete(action.timer);
              if (action.kind === 'send-ack') expect(event).toBe('300-699');
              if (action.kind === 'tell-tu' && event === '300-699') refusalsTold++;
              if (action.kind === 'unreachable') expect(event).toBe('tu-abandon');
              if (action.kind === 'terminate') {
                expect(state.name).toBe('terminated');
                expect([...set]).toEqual([]);
              }
            }
            // Every 2xx reaches the TU, in whatever state.
            if (event === '2xx') expect(step.actions).toContainEqual({ kind: 'tell-tu', what: 'response' });
            // `proceeding` is bounded by Timer C, which is the proxy's.
            if (state.name !== 'terminated' && state.name !== 'proceeding') expect(set.size).toBeGreaterThan(0);
          }
          expect(refusalsTold).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
