// The response rule over any order of events: what upstream sees, whatever the switches and the timers do.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  newResponseContext,
  type ResponseAction,
  type ResponseContext,
  type ResponseEvent,
} from '../../src/forward/response-context.ts';
import { stepResponse } from '../../src/forward/response-rule.ts';

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
