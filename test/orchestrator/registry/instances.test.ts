import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instances, turnOf } from '../../../src/orchestrator/registry/instances.ts';

const known: Instances = {
  current: 'instance-b',
  lastSequence: 5,
  earlier: [{ instance: 'instance-a', lastSequence: 9 }],
};

describe('a message', () => {
  it.each([
    ['the first of all', undefined, 'instance-b', 7, 'new-instance'],
    ['the next', known, 'instance-b', 6, 'newer'],
    ['one after a gap', known, 'instance-b', 600, 'newer'],
    ['the same again', known, 'instance-b', 5, 'out-of-turn'],
    ['one that is late', known, 'instance-b', 1, 'out-of-turn'],
    ['of a process that was restarted', known, 'instance-c', 1, 'new-instance'],
    ['late, of an instance that was replaced', known, 'instance-a', 9, 'out-of-turn'],
    ['of an instance that was replaced and is alive', known, 'instance-a', 10, 'new-instance'],
  ] as const)('%s', (_what, before, instance, sequence, turn) => {
    const result = turnOf(before, instance, sequence);
    expect(result.turn).toBe(turn);
    if (turn === 'out-of-turn') expect(result.instances).toBe(before);
    else expect(result.instances).toMatchObject({ current: instance, lastSequence: sequence });
  });

  it('of an instance that comes back leaves none of it among the earlier ones', () => {
    const { instances } = turnOf(known, 'instance-a', 10);
    expect(instances.earlier).toEqual([{ instance: 'instance-b', lastSequence: 5 }]);
  });
});

it('of the instances that were replaced the last 8 are remembered', () => {
  let instances: Instances | undefined;
  for (let i = 0; i < 100; i++) instances = turnOf(instances, `instance-${i}`, 1).instances;
  expect(instances?.earlier.map(({ instance }) => instance)).toEqual(
    [98, 97, 96, 95, 94, 93, 92, 91].map((i) => `instance-${i}`),
  );
});

/** Messages of several processes, one after the other, as the network delivers them: in any order, some twice. */
const delivered = fc
  .array(fc.record({ process: fc.nat(3), count: fc.nat(4) }), { minLength: 1, maxLength: 20 })
  .map((all) => all.map(({ process, count }) => ({ instance: `instance-${process}`, sequence: count + 1 })));

it('whatever the order and the duplicates, of one instance the highest counts, and each message once', () => {
  fc.assert(
    fc.property(delivered, (messages) => {
      let instances: Instances | undefined;
      const counted = new Map<string, number>();
      for (const { instance, sequence } of messages) {
        const result = turnOf(instances, instance, sequence);
        const isTaken = result.turn !== 'out-of-turn';
        // Fewer than 8 instances: all are remembered.
        expect(isTaken).toBe(sequence > (counted.get(instance) ?? 0));
        if (isTaken) counted.set(instance, sequence);
        if (isTaken) expect(result.instances.current).toBe(instance);
        instances = result.instances;
      }
      expect(instances?.lastSequence).toBe(counted.get(instances?.current ?? ''));
    }),
  );
});
