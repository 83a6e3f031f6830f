import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Penalties, type PenaltyRule } from '../../src/edge/penalties.ts';
import { addressHash, parseAddress } from '../../src/transport/address.ts';
import type { Flow } from '../../src/transport/flow.ts';

const rule: PenaltyRule = {
  enabled: true,
  refusedPerSecond: 100,
  malformedPerSecond: 20,
  blockSeconds: 30,
  maxSources: 50,
  exempt: ['127.0.0.0/8', '192.0.2.9', '2001:db8::/32'],
};

/** All that is looked at. */
const from = (remoteAddress: string) =>
  ({ remoteAddress, addressHash: addressHash(parseAddress(remoteAddress)!) }) as Flow;
const attacker = from('198.51.100.7');

// the limiter underneath reads the wall clock
beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

function open(given: Partial<PenaltyRule> = {}) {
  const said: string[] = [];
  const penalties = new Penalties({ ...rule, ...given }, (cause, address) => said.push(`${cause} ${address}`));
  /** `perTick` messages of `flow` in each tenth of a second. */
  const run = async (seconds: number, each: () => void = () => {}) => {
    for (let i = 0; i < seconds * 10; i++) {
      each();
      await vi.advanceTimersByTimeAsync(100);
      penalties.tick(Date.now());
      await vi.advanceTimersByTimeAsync(0);
    }
  };
  const times = (n: number, what: () => void) => () => {
    for (let i = 0; i < n; i++) what();
  };
  return { penalties, said, run, times };
}

describe('a source is penalised', () => {
  it('for more refused requests in a second than allowed, once, until the block ends', async () => {
    const { penalties, said, run, times } = open();
    await run(
      2,
      times(20, () => penalties.noteRefused(attacker)),
    );
    expect(penalties.isPenalised(attacker.addressHash)).toBe(true);
    expect([said, penalties.size]).toEqual([['refused 198.51.100.7'], 1]);
    await run(27);
    expect(penalties.isPenalised(attacker.addressHash)).toBe(true);
    await run(4);
    expect([penalties.isPenalised(attacker.addressHash), penalties.size]).toEqual([false, 0]);
  });
  it('again after its block has ended, if it goes on', async () => {
    const { penalties, said, run, times } = open({ blockSeconds: 2 });
    await run(
      8,
      times(30, () => penalties.noteRefused(attacker)),
    );
    expect(said.length).toBeGreaterThanOrEqual(2);
  });
  it('for malformed messages by a limit of their own', async () => {
    const { penalties, said, run, times } = open();
    await run(
      2,
      times(4, () => penalties.noteMalformed(attacker)),
    );
    expect(said).toEqual(['malformed 198.51.100.7']);
  });
  it('for one cause alone: the two are not added up', async () => {
    const { penalties, said, run, times } = open();
    await run(
      3,
      times(1, () => {
        penalties.noteMalformed(attacker);
        for (let i = 0; i < 9; i++) penalties.noteRefused(attacker);
      }),
    );
    expect(said).toEqual([]);
  });
});

describe('a source is not penalised', () => {
  it('below its limit, however long', async () => {
    const { penalties, said, run, times } = open();
    await run(
      30,
      times(9, () => penalties.noteRefused(attacker)),
    );
    expect(said).toEqual([]);
  });
  it.each(['127.0.0.5', '192.0.2.9', '2001:db8:1::1'])('where it is exempt: %s', async (address) => {
    const { penalties, said, run, times } = open();
    await run(
      3,
      times(500, () => penalties.noteRefused(from(address))),
    );
    expect([said, penalties.size]).toEqual([[], 0]);
  });
  it('where penalties are off', async () => {
    const { penalties, said, run, times } = open({ enabled: false });
    await run(
      3,
      times(500, () => penalties.noteRefused(attacker)),
    );
    expect(said).toEqual([]);
  });
  it('for what another with the same cell of the table sends', async () => {
    const { penalties, said, run } = open();
    const alike = Array.from({ length: 70_000 }, (_, i) => from(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)).filter(
      (one) => (one.addressHash & 4095) === (attacker.addressHash & 4095),
    );
    expect(alike.length).toBeGreaterThan(3);
    await run(3, () => {
      for (let i = 0; i < 30; i++) penalties.noteRefused(attacker);
      for (const one of alike) penalties.noteRefused(one);
    });
    expect(said).toEqual(['refused 198.51.100.7']);
  });
});

it('stays small under a million forged addresses, and recovers', async () => {
  const { penalties, said, run, times } = open();
  let n = 0;
  await run(10, () => {
    for (let i = 0; i < 10_000; i++) {
      n++;
      penalties.noteRefused({
        remoteAddress: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
        addressHash: Math.imul(n, 0x9e3779b1) >>> 0,
      } as Flow);
    }
  });
  expect(n).toBe(1_000_000);
  const { suspects, penalised } = penalties as unknown as {
    suspects: Map<number, unknown>;
    penalised: Map<number, unknown>;
  };
  expect(suspects.size).toBeLessThanOrEqual(rule.maxSources);
  expect(penalised.size).toBe(0);
  await run(11);
  expect(suspects.size).toBe(0);
  await run(
    2,
    times(20, () => penalties.noteRefused(attacker)),
  );
  expect(said).toEqual(['refused 198.51.100.7']);
});

it('holds no more penalised sources than it may', async () => {
  const { penalties, run } = open({ maxSources: 3 });
  const many = Array.from({ length: 10 }, (_, i) => from(`198.51.100.${i}`));
  await run(25, () => {
    for (const one of many) for (let i = 0; i < 40; i++) penalties.noteRefused(one);
  });
  expect(penalties.size).toBe(3);
});
