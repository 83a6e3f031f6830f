import { describe, expect, it } from 'vitest';
import { Call } from './call.ts';
import { EventQueue } from './event-queue.ts';
import { SimSwitch } from './sim-switch.ts';

function newSwitch(tryingAtOnce = false) {
  const queue = new EventQueue();
  const seen: string[] = [];
  const note = (text: string) => seen.push(`${queue.nowMs.toFixed(0)} ${text}`);
  const one = new SimSwitch({ name: 'sw', capacityPerSecond: 10, tryingAtOnce }, queue, {
    onTrying: (call) => note(`100 ${call.key}`),
    onTurn: (call, isRefused) => note(`${isRefused ? 503 : 180} ${call.key}`),
    onRegistered: (device) => note(`200 ${device}`),
  });
  return { queue, seen, one };
}

const newCall = (key: number): Call =>
  new Call({ source: 0, isPriority: false, digits: '1', called: 11, key, redials: 0, arrivedMs: 0 });

describe('SimSwitch', () => {
  it('answers each call in its turn, a tenth of a second apart at ten a second', () => {
    const { queue, seen, one } = newSwitch();
    one.onInvite(newCall(1));
    one.onInvite(newCall(2));
    queue.runUntil(1000);
    expect(seen).toEqual(['100 180 1', '200 180 2']);
  });

  it('answers 100 at once where it does that, the rest in its turn', () => {
    const { queue, seen, one } = newSwitch(true);
    one.onInvite(newCall(1));
    queue.runUntil(1000);
    expect(seen).toEqual(['0 100 1', '100 180 1']);
  });

  it('a retransmission costs a quarter and has no answer of its own', () => {
    const { queue, seen, one } = newSwitch();
    const call = newCall(1);
    one.onInvite(call);
    one.onInvite(call);
    one.onInvite(newCall(2));
    queue.runUntil(1000);
    expect(seen).toEqual(['100 180 1', '225 180 2']);
  });

  it('slows down with calls in it, and speeds up again', () => {
    const { queue, seen, one } = newSwitch();
    for (let key = 1; key <= 3; key++) one.onInvite(newCall(key));
    queue.runUntil(50);
    one.setSpeed(0.5);
    queue.runUntil(150);
    one.setSpeed(1);
    queue.runUntil(1000);
    // half done at 50, the other half takes 100
    expect(seen).toEqual(['150 180 1', '250 180 2', '350 180 3']);
  });

  it('dies with what it had, and comes back empty', () => {
    const { queue, seen, one } = newSwitch();
    const call = newCall(1);
    one.onInvite(call);
    one.setSpeed(0);
    one.onInvite(newCall(2));
    queue.runUntil(5000);
    expect(seen).toEqual([]);
    one.setSpeed(1);
    // the retransmission of a call that it has never read in this life is a new call
    one.onInvite(call);
    queue.runUntil(6000);
    expect(seen).toEqual(['5100 180 1']);
  });

  it('refuses beyond 4 s of work, in their turn', () => {
    const { queue, seen, one } = newSwitch();
    for (let key = 1; key <= 42; key++) one.onInvite(newCall(key));
    queue.runUntil(10_000);
    expect(seen.at(-1)).toBe('4130 503 42');
    expect(seen.filter((line) => line.includes('503'))).toHaveLength(1);
  });

  it('a REGISTER costs a quarter of a call', () => {
    const { queue, seen, one } = newSwitch();
    one.onRegister(7);
    queue.runUntil(1000);
    expect(seen).toEqual(['25 200 7']);
  });
});
