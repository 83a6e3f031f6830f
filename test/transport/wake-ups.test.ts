import { afterEach, describe, expect, it, vi } from 'vitest';
import { WakeUps, type Watched } from '../../src/transport/wake-ups.ts';

class FakeSocket implements Watched {
  isWatched = false;
  looks = 0;
  pending = 0;
  flushes = 0;
  private readonly wakeUps: () => WakeUps;

  constructor(wakeUps: () => WakeUps) {
    this.wakeUps = wakeUps;
  }

  watch(): void {
    this.isWatched = true;
  }

  unwatch(): void {
    this.isWatched = false;
  }

  flush(): void {
    expect(this.wakeUps().isLooking).toBe(false);
    this.flushes++;
  }

  look(): boolean {
    expect(this.wakeUps().isLooking).toBe(true);
    this.looks++;
    const taken = Math.min(this.pending, 512);
    this.pending -= taken;
    this.wakeUps().looked(this, taken);
    return this.pending > 0;
  }
}

function setUp() {
  vi.useFakeTimers();
  const clock = { nowMs: 0 };
  const wakeUps = new WakeUps(() => clock.nowMs);
  const socket = new FakeSocket(() => wakeUps);
  wakeUps.add(socket);
  /** 128 direct wake-ups, `perSecond` of them in a second. */
  const wake = (perSecond: number, messages = 1) => {
    for (let k = 0; k < 128; k++) {
      clock.nowMs += 1000 / perSecond;
      wakeUps.woken(socket, messages);
    }
  };
  /** So many looks by the clock, each finding `messages`. */
  const look = (times: number, messages: number) => {
    for (let k = 0; k < times; k++) {
      socket.pending += messages;
      clock.nowMs += 1;
      vi.advanceTimersByTime(1);
    }
  };
  return { wakeUps, socket, wake, look };
}

describe('wake-ups', () => {
  afterEach(() => vi.useRealTimers());

  it('a quiet socket is watched', () => {
    const { wakeUps, socket, wake } = setUp();
    wake(1000);
    wake(1900);
    expect([wakeUps.areCoalesced, socket.isWatched]).toEqual([false, true]);
  });

  it('above 2,000 wake-ups a second the sockets are looked at by the clock', () => {
    const { wakeUps, socket, wake, look } = setUp();
    wake(3000);
    expect([wakeUps.areCoalesced, socket.isWatched]).toEqual([true, false]);
    look(10, 3);
    expect([socket.looks, socket.pending]).toEqual([10, 0]);
    expect(socket.flushes).toBe(10);
  });

  it('wake-ups that bring many messages each are left as they are', () => {
    const { wakeUps, wake } = setUp();
    wake(3000, 20);
    expect(wakeUps.areCoalesced).toBe(false);
  });

  it('what one look leaves is taken at once, not a millisecond later', async () => {
    const { socket, wake } = setUp();
    wake(3000);
    socket.pending = 1500;
    vi.advanceTimersByTime(1);
    expect(socket.looks).toBe(1);
    vi.advanceTimersToNextTimer();
    vi.advanceTimersToNextTimer();
    expect(socket.pending).toBe(0);
  });

  it.each([
    ['few come', 1],
    ['many come', 80],
  ])('the loop watches again when %s', (_, messages) => {
    const { wakeUps, socket, wake, look } = setUp();
    wake(3000);
    look(128, 7);
    expect(wakeUps.areCoalesced).toBe(true);
    look(256, messages);
    expect([wakeUps.areCoalesced, socket.isWatched]).toEqual([false, true]);
  });

  it('quiet sockets beside a busy one stay watched, as many as are quiet together', () => {
    const { wakeUps, socket, wake, look } = setUp();
    const others = [20, 100, 200].map((messages) => ({ messages, socket: new FakeSocket(() => wakeUps) }));
    for (const other of others) wakeUps.add(other.socket);
    const watched = () => [socket, ...others.map((other) => other.socket)].map(({ isWatched }) => isWatched);
    // in 128 ms, so that 1,500 a second are 192
    const quiet = () => {
      for (const other of others) wakeUps.woken(other.socket, other.messages);
    };
    wake(3000);
    expect(watched()).toEqual([false, true, true, true]);
    quiet();
    look(128, 7);
    expect(watched()).toEqual([false, true, true, false]);
    expect(others[1]?.socket.looks).toBe(0);
    look(128, 7);
    expect(watched()).toEqual([false, true, true, true]);
    look(128, 0);
    expect(wakeUps.areCoalesced).toBe(false);
    expect(watched()).toEqual([true, true, true, true]);
  });

  it('a socket that comes meanwhile is watched until the next decision', () => {
    const { wakeUps, socket, wake } = setUp();
    wake(3000);
    const second = new FakeSocket(() => wakeUps);
    wakeUps.add(second);
    expect(second.isWatched).toBe(true);
    wakeUps.delete(second);
    expect(second.isWatched).toBe(false);
    wakeUps.delete(socket);
    expect(wakeUps.areCoalesced).toBe(false);
  });
});
