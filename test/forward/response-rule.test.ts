// RFC 3261 §16.7 to §16.10 for a serial search, first call by call, then over any order of events.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  newResponseContext,
  type ResponseAction,
  type ResponseContext,
  type ResponseEvent,
} from '../../src/forward/response-context.ts';
import { stepResponse } from '../../src/forward/response-rule.ts';

/** Actions in few words: `forward`, `answer 408`, `cancel-branch 0`. */
function word(action: ResponseAction): string {
  switch (action.kind) {
    case 'answer':
      return `answer ${action.status}`;
    case 'reject':
      return `reject ${action.reason}`;
    case 'cancel-branch':
    case 'drop-branch':
    case 'set-timer-c':
      return `${action.kind} ${action.branch}`;
    default:
      return action.kind;
  }
}

/**
 * An event in few words: `0 180` is a response on branch 0, `1 timeout`, `0 ended`; `start`, `none`, `cancelled`. A
 * number alone is a response on branch 0.
 */
function eventOf(text: string): ResponseEvent {
  const words = text.split(' ');
  if (text === 'start') return { kind: 'started' };
  if (text === 'none') return { kind: 'no-next' };
  if (text === 'cancelled') return { kind: 'cancelled' };
  const branch = words.length > 1 ? Number(words[0]) : 0;
  const what = words.at(-1)!;
  switch (what) {
    case 'timeout':
    case 'transport-error':
    case 'timer-c':
    case 'cancel-expired':
      return { kind: what, branch };
    case 'ended':
      return { kind: 'branch-ended', branch };
    default:
      return { kind: 'response', branch, status: Number(what) };
  }
}

/** Each line is `event: actions`. */
function play(script: string): void {
  let context: ResponseContext = newResponseContext;
  for (const line of script.trim().split('\n')) {
    const [event, expected] = line.trim().split(/:\s*/) as [string, string];
    const step = stepResponse(context, eventOf(event));
    context = step.context;
    expect(`${event}: ${step.actions.map(word).join(', ')}`).toBe(`${event}: ${expected}`);
  }
}

describe('one switch', () => {
  it.each<[string, string]>([
    [
      'a call: 100 absorbed, 180 and 200 forwarded, and again',
      `start: set-timer-c 0
       100:
       180: set-timer-c 0, forward
       183: set-timer-c 0, forward
       200: forward
       200: forward
       ended: stop
       200:`,
    ],
    [
      'busy: forwarded; retransmissions are the transaction’s business',
      `start: set-timer-c 0
       100:
       486: forward
       486:
       ended: stop`,
    ],
    ['a challenge', 'start: set-timer-c 0\n 407: forward'],
    ['6xx', 'start: set-timer-c 0\n 180: set-timer-c 0, forward\n 603: forward'],
    ['redirection', 'start: set-timer-c 0\n 302: forward'],
    ['500 of the switch is the call’s own', 'start: set-timer-c 0\n 500: forward'],
    [
      '503 and no other switch: the edge’s own 503',
      'start: set-timer-c 0\n 503: try-next\n none: reject switch-capacity',
    ],
    [
      '503 after 180: no other switch, and 500 (RFC 3261 §16.7 step 6)',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       503: answer 500`,
    ],
    ['time-out and no other switch', 'start: set-timer-c 0\n timeout: try-next\n none: answer 408\n ended: stop'],
    [
      'time-out after 180: no other switch; cancelled',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       timeout: cancel-branch 0, answer 408
       487:
       ended: stop`,
    ],
    ['not reachable', 'start: set-timer-c 0\n transport-error: try-next\n none: reject no-switch'],
    ['no switch at all', 'none: reject no-switch, stop'],
    [
      'a late 200 after our 408 still goes up (RFC 3261 §16.7 step 5)',
      `start: set-timer-c 0
       timeout: try-next
       none: answer 408
       200: forward`,
    ],
  ])('%s', (_what, script) => play(script));
});

describe('fail-over', () => {
  it.each<[string, string]>([
    [
      '503, then another switch answers',
      `start: set-timer-c 0
       0 503: try-next
       start: set-timer-c 1
       1 180: set-timer-c 1, forward
       1 200: forward
       0 ended:
       1 ended: stop`,
    ],
    [
      'every switch refuses: the edge’s own 503',
      `start: set-timer-c 0
       0 503: try-next
       start: set-timer-c 1
       1 503: try-next
       none: reject switch-capacity`,
    ],
    [
      'refused by one, the other dead: still the edge’s own 503 (RFC 3261 §16.9)',
      `start: set-timer-c 0
       0 transport-error: try-next
       start: set-timer-c 1
       1 503: try-next
       none: reject switch-capacity`,
    ],
    [
      'refused by one, the other silent: 500',
      `start: set-timer-c 0
       0 503: try-next
       start: set-timer-c 1
       1 timeout: try-next
       none: answer 500`,
    ],
    [
      'all silent: 408',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       1 timeout: try-next
       none: answer 408`,
    ],
    [
      'busy at the second switch',
      `start: set-timer-c 0
       0 503: try-next
       start: set-timer-c 1
       1 486: forward`,
    ],
    [
      'a late 180 of a switch given up: cancelled, not forwarded; its 487 is ours',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 180: cancel-branch 0
       0 180:
       0 487:
       1 503: try-next
       none: answer 500`,
    ],
    [
      'a switch given up after its 100 is cancelled at once',
      `start: set-timer-c 0
       0 100:
       0 timeout: cancel-branch 0, try-next
       start: set-timer-c 1
       0 487:
       1 200: forward`,
    ],
    [
      'a late 200 of a switch given up goes up, the other is cancelled',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       1 180: set-timer-c 1, forward
       0 200: forward, cancel-branch 1
       1 487:
       0 ended:
       1 ended: stop`,
    ],
    [
      'the same while the other has not answered: cancelled when it does; its 200 goes up too',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 200: forward
       1 180: cancel-branch 1
       1 200: forward`,
    ],
    [
      'a late 486 of a switch given up is better than 503',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 486: keep
       1 503: try-next
       none: forward-kept`,
    ],
    [
      'the best of two: lowest class, then what tells how to ask again (RFC 3261 §16.7 step 6)',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 407: keep
       1 404: forward-kept`,
    ],
    [
      'the best of two, the other way round',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 404: keep
       1 302: forward`,
    ],
    [
      'a late 6xx: the other is cancelled and waited for',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       1 180: set-timer-c 1, forward
       0 603: keep, cancel-branch 1
       1 487: forward-kept`,
    ],
    [
      'a late 6xx, but the other answers: 200',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 603: keep
       1 180: cancel-branch 1, set-timer-c 1, forward
       1 200: forward`,
    ],
  ])('%s', (_what, script) => {
    play(script);
  });
});

describe('CANCEL (RFC 3261 §9.1, §16.10)', () => {
  it.each<[string, string]>([
    [
      'while it rings: 487 of the switch goes up',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       cancelled: cancel-branch 0
       cancelled:
       487: forward
       cancel-expired:
       ended: stop`,
    ],
    [
      'before any provisional response: waits for one',
      `start: set-timer-c 0
       cancelled:
       100: cancel-branch 0
       487: forward`,
    ],
    [
      'and never a response: 487 of our own',
      `start: set-timer-c 0
       cancelled:
       timeout: answer 487
       ended: stop`,
    ],
    [
      'no final response in 64*T1: 487 of our own',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       cancelled: cancel-branch 0
       cancel-expired: drop-branch 0, answer 487
       ended: stop`,
    ],
    [
      'crosses a 200: the 200 goes up',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       cancelled: cancel-branch 0
       200: forward`,
    ],
    ['crosses a 486', 'start: set-timer-c 0\n 180: set-timer-c 0, forward\n cancelled: cancel-branch 0\n 486: forward'],
    ['503 after it: no other switch, 487', 'start: set-timer-c 0\n cancelled:\n 503: answer 487'],
    ['after a final response: no effect', 'start: set-timer-c 0\n 486: forward\n cancelled:'],
    ['before any switch was tried', 'cancelled: answer 487, stop'],
    [
      'cancels the switch given up too',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       1 100:
       cancelled: cancel-branch 1
       0 100: cancel-branch 0
       0 487:
       1 487: forward`,
    ],
  ])('%s', (_what, script) => {
    play(script);
  });
});

describe('Timer C (RFC 3261 §16.8)', () => {
  it.each<[string, string]>([
    [
      'with a provisional response: CANCEL, then what the switch answers',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       timer-c: cancel-branch 0
       timer-c:
       487: forward`,
    ],
    [
      'and no answer to that: 408',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       timer-c: cancel-branch 0
       cancel-expired: drop-branch 0, answer 408`,
    ],
    ['without one: 408, and no other switch', 'start: set-timer-c 0\n timer-c: drop-branch 0, answer 408'],
    [
      'a caller who cancels meanwhile gets 487',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       timer-c: cancel-branch 0
       cancelled:
       cancel-expired: drop-branch 0, answer 487`,
    ],
  ])('%s', (_what, script) => {
    play(script);
  });
});

describe('faults of ours are named', () => {
  it.each<[string, string]>([
    ['a branch that is none', 'start: set-timer-c 0\n 1 200: unreachable'],
    ['two active branches', 'start: set-timer-c 0\n start: unreachable'],
    ['no-next while one is active', 'start: set-timer-c 0\n none: unreachable'],
  ])('%s', (_what, script) => {
    play(script);
  });
});

/** What a runner does and upstream sees, with what must hold at every step. */
class Upstream {
  context: ResponseContext = newResponseContext;
  started = 0;
  refusals = 0;
  successes = 0;
  stopped = false;
  readonly cancelled = new Set<number>();
  readonly provisional = new Set<number>();
  #searchEnded = false;

  feed(event: ResponseEvent, nextSwitch: boolean): void {
    if (event.kind === 'response' && event.branch < this.started && event.status < 200)
      this.provisional.add(event.branch);
    if (event.kind === 'cancelled') this.#searchEnded = true;
    const step = stepResponse(this.context, event);
    this.context = step.context;
    if (this.stopped) expect(step.actions).toEqual([]);
    for (const action of step.actions) this.#perform(action, event, nextSwitch);
  }

  #perform(action: ResponseAction, event: ResponseEvent, nextSwitch: boolean): void {
    switch (action.kind) {
      case 'forward':
        expect(event.kind).toBe('response');
        this.#send(event.kind === 'response' ? event.status : 0);
        break;
      case 'forward-kept':
        this.#send(699);
        break;
      case 'answer':
        this.#send(action.status);
        break;
      case 'reject':
        this.#send(503);
        break;
      case 'cancel-branch':
        // RFC 3261 §9.1: once, and never before a provisional response.
        expect(this.provisional.has(action.branch)).toBe(true);
        expect(this.cancelled.has(action.branch)).toBe(false);
        this.cancelled.add(action.branch);
        break;
      case 'try-next':
        expect(this.#searchEnded).toBe(false);
        if (nextSwitch) {
          this.started++;
          this.feed({ kind: 'started' }, true);
        } else this.feed({ kind: 'no-next' }, false);
        break;
      case 'stop':
        expect(this.refusals + this.successes).toBeGreaterThan(0);
        this.stopped = true;
        break;
      case 'unreachable':
        expect.fail(`${action.event} in ${action.phase}`);
        break;
      default:
    }
  }

  #send(status: number): void {
    expect(status).not.toBe(100);
    if (status >= 300 || status < 200) expect(this.refusals + this.successes).toBe(0);
    if (status >= 300) this.refusals++;
    else if (status >= 200) this.successes++;
    this.#searchEnded = true;
  }
}

describe('any order of events', () => {
  const branch = fc.nat(3);
  const status = fc.constantFrom(100, 180, 183, 200, 302, 401, 404, 408, 486, 487, 500, 503, 600, 603);
  const anyEvent: fc.Arbitrary<ResponseEvent> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('response' as const), branch, status }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constantFrom('timeout' as const, 'transport-error' as const), branch }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('timer-c' as const, 'cancel-expired' as const, 'branch-ended' as const),
        branch,
      }),
    },
    { weight: 1, arbitrary: fc.constant<ResponseEvent>({ kind: 'cancelled' }) },
  );

  it('one final response upstream, or 2xx only; no provisional after it; CANCEL once and not too early; then silence', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyEvent, fc.boolean()), { maxLength: 40 }), (events) => {
        const upstream = new Upstream();
        upstream.started = 1;
        upstream.feed({ kind: 'started' }, true);
        for (const [event, nextSwitch] of events) {
          // A runner has no transaction for a branch that was never started.
          if ('branch' in event && event.branch >= upstream.started) continue;
          upstream.feed(event, nextSwitch && upstream.started < 4);
        }
        // When every client transaction has come to its end, upstream has its answer and nothing is left.
        for (let i = 0; i < upstream.started; i++) upstream.feed({ kind: 'timeout', branch: i }, false);
        for (let i = 0; i < upstream.started; i++) upstream.feed({ kind: 'cancel-expired', branch: i }, false);
        for (let i = 0; i < upstream.started; i++) upstream.feed({ kind: 'branch-ended', branch: i }, false);
        expect(upstream.refusals + Math.min(1, upstream.successes)).toBeGreaterThanOrEqual(1);
        expect(upstream.refusals).toBeLessThanOrEqual(1);
        expect(upstream.stopped).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
