// When calls are placed: by whom, how often, and when not. The calls themselves are made up.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type CallEnd, type CallPlan, noEnd } from '../../src/probe/call.ts';
import { onceEach, repeat } from '../../src/probe/rounds.ts';

const common = { to: 'sip:a@b', from: 'sip:c@d', resourcePriority: undefined, holdMs: 0, timeoutMs: 1000 };
const plans: readonly CallPlan[] = [
  { ...common, class: 'ordinary' },
  { ...common, class: 'priority' },
];
const answered: CallEnd = { ...noEnd, how: 'answered', status: 200, setUpMs: 1, firstResponseMs: 1 };
const refused = (retryAfterSeconds?: number): CallEnd => ({
  ...noEnd,
  how: 'rejected',
  status: 503,
  retryAfterSeconds,
});

/** Resolves as soon as the signal comes. */
const untilAborted = (signal: AbortSignal): Promise<unknown> => sleep(60_000, undefined, { signal }).catch(() => {});

describe('once', () => {
  it('places both side by side, and reports in the order of the plans', async () => {
    let open = 0;
    let most = 0;
    const place = async (plan: CallPlan) => {
      most = Math.max(most, ++open);
      await sleep(plan.class === 'ordinary' ? 20 : 1);
      open--;
      return plan.class === 'ordinary' ? refused() : answered;
    };
    const reports = await onceEach(plans, place, new AbortController().signal);
    expect(reports.map((report) => [report.class, report.outcome])).toEqual([
      ['ordinary', 'refused'],
      ['priority', 'completed'],
    ]);
    expect(most).toBe(2);
  });

  it('leaves out what was interrupted', async () => {
    const place = async ({ class: name }: CallPlan): Promise<CallEnd> =>
      name === 'ordinary' ? { ...noEnd, how: 'interrupted' } : answered;
    const reports = await onceEach(plans, place, new AbortController().signal);
    expect(reports.map((report) => report.class)).toEqual(['priority']);
  });
});

describe('at an interval', () => {
  it('an ordinary call that hangs keeps no priority call waiting', async () => {
    const ending = new AbortController();
    const done: string[] = [];
    const place = async ({ class: name }: CallPlan, signal: AbortSignal): Promise<CallEnd> => {
      if (name === 'priority') return answered;
      await untilAborted(signal);
      return { ...noEnd, how: 'interrupted' };
    };
    const onCall = (report: { class: string }) => {
      done.push(report.class);
      if (done.length === 3) ending.abort();
    };
    await repeat(plans, place, 5, { onCall, onHeld: () => {} }, ending.signal);
    expect(done).toEqual(['priority', 'priority', 'priority']);
  });

  it('no class has two calls at once, however long they take', async () => {
    const ending = new AbortController();
    const open = { ordinary: 0, priority: 0 };
    const most = { ordinary: 0, priority: 0 };
    let done = 0;
    const place = async ({ class: name }: CallPlan) => {
      most[name] = Math.max(most[name], ++open[name]);
      await sleep(12);
      open[name]--;
      return answered;
    };
    const onCall = () => void (++done === 6 && ending.abort());
    await repeat(plans, place, 5, { onCall, onHeld: () => {} }, ending.signal);
    expect(most).toEqual({ ordinary: 1, priority: 1 });
    expect(open).toEqual({ ordinary: 0, priority: 0 });
  });

  it('the class that was told Retry-After is held until it is over, the other is not', async () => {
    const ending = new AbortController();
    const events: string[] = [];
    const placedMs: number[] = [];
    const place = async ({ class: name }: CallPlan) => {
      if (name === 'priority') return answered;
      placedMs.push(performance.now());
      return refused(0.15);
    };
    const onCall = (report: { class: string }) => {
      events.push(`call ${report.class}`);
      if (placedMs.length === 3) ending.abort();
    };
    const onHeld = (name: string, seconds: number) => {
      events.push(`held ${name}`);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(0.15);
    };
    await repeat(plans, place, 10, { onCall, onHeld }, ending.signal);
    const [first, second, third] = placedMs as [number, number, number];
    expect(Math.min(second - first, third - second)).toBeGreaterThanOrEqual(149);
    expect(events).not.toContain('held priority');
    expect(events.filter((event) => event === 'held ordinary').length).toBeGreaterThan(0);
    expect(events.filter((event) => event === 'call priority').length).toBeGreaterThan(3);
  });

  it('a refusal without Retry-After holds nobody', async () => {
    const ending = new AbortController();
    let calls = 0;
    const onHeld = () => expect.unreachable();
    const onCall = () => void (++calls === 6 && ending.abort());
    await repeat(plans, async () => refused(), 5, { onCall, onHeld }, ending.signal);
    expect(calls).toBeGreaterThanOrEqual(6);
  });

  it('the signal ends a wait at once, and waits for what is open', async () => {
    const ending = new AbortController();
    let isOver = false;
    const place = async (_: CallPlan, signal: AbortSignal) => {
      await untilAborted(signal);
      await sleep(30);
      isOver = true;
      return answered;
    };
    setTimeout(() => ending.abort(), 10);
    const reports: string[] = [];
    const onCall = (report: { outcome: string }) => reports.push(report.outcome);
    await repeat([plans[0]!], place, 3_600_000, { onCall, onHeld: () => {} }, ending.signal);
    expect([isOver, reports]).toEqual([true, ['completed']]);
  });
});
