import { describe, expect, it } from 'vitest';
import type { Call, SourceRule } from './call.ts';
import { type ControlledEdge, forwardTo, refuseFor } from './controlled-edge.ts';
import { Network } from './network.ts';
import type { NetworkRule } from './network-rule.ts';
import { makeNone } from './peers/none.ts';
import { type RateStep, steady } from './rate.ts';

const source = (rate: readonly RateStep[], change: Partial<SourceRule> = {}): SourceRule => ({
  name: 'peer',
  interface: 'east',
  neighbour: 'peer',
  rate,
  priorityRatio: 0,
  obeysOc: undefined,
  retryAfterRatio: 0,
  callers: { redialRatio: 0, redialMedianMs: 1000, mostRedials: 1, patienceMedianMs: 10_000 },
  numbers: ['2025550100', '2025550101'],
  edge: 0,
  ...change,
});

const rule = (change: Partial<NetworkRule> = {}): NetworkRule => ({
  seconds: 20,
  countFromSeconds: 0,
  sources: [source(steady(50))],
  switches: [{ name: 'sw1', capacityPerSecond: 100, tryingAtOnce: false }],
  edges: 1,
  configuredPerSecond: 100,
  callees: { answerRatio: 1, ringMedianMs: 2000, fewLines: [] },
  speeds: [],
  registrations: undefined,
  ...change,
});

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const edge = (change: Partial<ControlledEdge>) => (): ControlledEdge => ({
  switchTimeoutMs: 32_000,
  onInvite: () => forwardTo(0),
  onRegister: () => 'pass',
  onProgress() {},
  onTimeout: () => 'over',
  onGone() {},
  tick() {},
  ...change,
});

describe('Network', () => {
  it('completes what is offered below capacity, and each call ends once', () => {
    const recorder = new Network(rule(), makeNone, 1).run();
    const offered = total(recorder.perSecond('offered'));
    expect(offered).toBeGreaterThan(850);
    expect(offered - total(recorder.perSecond('goodput'))).toBeLessThan(5);
  });

  it('is the same for the same seed, and another for another', () => {
    const run = (seed: number) => new Network(rule(), makeNone, seed).run().perSecond('goodput');
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
  });

  it('goodput collapses without control (RFC 6357 §3), as backlog and retransmissions grow', () => {
    const recorder = new Network(rule({ sources: [source(steady(300))], seconds: 30 }), makeNone, 1).run();
    expect(total(recorder.perSecond('goodput').slice(15))).toBeLessThan(150);
  });

  it('a silent switch gets the INVITE at 0, 500, 1,500 … 31,500 ms, and the call is over at 32 s', () => {
    const sentMs: number[] = [];
    let endedMs = 0;
    const isFirst = (call: Call) => call.key === 1;
    const make = edge({
      onRetransmitted(call, nowMs) {
        if (isFirst(call)) sentMs.push(Math.round(nowMs - call.sentMs));
      },
      onTimeout(call, nowMs) {
        if (isFirst(call)) endedMs = Math.round(nowMs - call.sentMs);
        return 'over';
      },
    });
    const patient = { redialRatio: 0, redialMedianMs: 1000, mostRedials: 0, patienceMedianMs: 1e6 };
    const speeds = [{ atSeconds: 0, switchIndex: 0, speed: 0 }];
    new Network(rule({ sources: [source(steady(1), { callers: patient })], seconds: 60, speeds }), make, 1).run();
    expect(sentMs).toEqual([500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(endedMs).toBe(32_000);
  });

  it('callers give up, and dial again', () => {
    const callers = { redialRatio: 1, redialMedianMs: 1000, mostRedials: 2, patienceMedianMs: 2000 };
    const speeds = [{ atSeconds: 0, switchIndex: 0, speed: 0 }];
    const recorder = new Network(rule({ sources: [source(steady(10), { callers })], speeds }), makeNone, 1).run();
    expect(total(recorder.perSecond('givenUp'))).toBeGreaterThan(200);
    expect(total(recorder.perSecond('offered'))).toBeGreaterThan(400);
  });

  it('whoever obeys Retry-After comes back no sooner', () => {
    const callers = { redialRatio: 1, redialMedianMs: 100, mostRedials: 1, patienceMedianMs: 2000 };
    const arrivals: number[] = [];
    const make = edge({
      onInvite(call, nowMs) {
        if (call.redials > 0) arrivals.push(nowMs);
        return refuseFor(8);
      },
    });
    const customers = source(steady(20), { neighbour: '', retryAfterRatio: 1, callers });
    new Network(rule({ sources: [customers] }), make, 1).run();
    expect(Math.min(...arrivals)).toBeGreaterThan(8000);
  });

  it('a call that waits goes on when the edge says so', () => {
    const recorder = new Network(
      rule(),
      ({ output }) => {
        const waiting: Parameters<typeof output.forward>[0][] = [];
        return edge({
          onInvite(call) {
            waiting.push(call);
            return { kind: 'wait' };
          },
          tick: (nowMs) => {
            for (const call of waiting.splice(0)) output.forward(call, 0, nowMs);
          },
        })();
      },
      1,
    ).run();
    expect(total(recorder.perSecond('goodput'))).toBeGreaterThan(850);
  });

  it('a number of few lines is busy for the rest', () => {
    const fewLines = [{ digits: '9005550000', lines: 2, talkMedianMs: 4000 }];
    const callees = { answerRatio: 1, ringMedianMs: 2000, fewLines };
    const recorder = new Network(
      rule({ sources: [source(steady(50), { numbers: ['9005550000'] })], callees }),
      makeNone,
      1,
    ).run();
    expect(total(recorder.perSecond('setUp'))).toBeGreaterThan(850);
    expect(total(recorder.perSecond('goodput'))).toBeLessThan(25);
  });

  it('devices register after an outage, at a quarter of the work of a call', () => {
    const registrations = { devices: 2000, fromSeconds: 0, toSeconds: 2, retryAfterRatio: 1 };
    const recorder = new Network(rule({ sources: [], registrations }), makeNone, 1).run();
    expect(total(recorder.perSecond('registered'))).toBe(2000);
    expect(total(recorder.perSecond('registered').slice(0, 4))).toBeLessThanOrEqual(1601);
  });
});
