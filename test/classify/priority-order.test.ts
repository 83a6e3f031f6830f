import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priorityNamespaces } from '../../src/classify/priority-namespaces.ts';
import { priorityOrder } from '../../src/classify/priority-order.ts';
import { defaultPriorityOrder } from './sample.ts';

const order = defaultPriorityOrder();
const rank = (text: string): number => order.byText.get(text)?.rank ?? Number.NaN;
const faultsOf = (highestFirst: string[], ordinary: string[] = []): string[] => {
  const built = priorityOrder(highestFirst, ordinary);
  return 'faults' in built ? built.faults : [];
};

describe('the registry', () => {
  it('has the 48 namespaces and 463 values registered with IANA', () => {
    expect(priorityNamespaces).toHaveLength(48);
    expect(new Set(priorityNamespaces.map((n) => n.name)).size).toBe(48);
    expect(order.byRank).toHaveLength(463);
  });

  // least to greatest, as the RFCs list them
  it.each([
    ['RFC 4412 §10.2', 'dsn', ['routine', 'priority', 'immediate', 'flash', 'flash-override']],
    [
      'RFC 4412 §10.3',
      'drsn',
      ['routine', 'priority', 'immediate', 'flash', 'flash-override', 'flash-override-override'],
    ],
    ['RFC 4412 §10.4', 'q735', ['4', '3', '2', '1', '0']],
    ['RFC 4412 §10.5', 'ets', ['4', '3', '2', '1', '0']],
    ['RFC 4412 §10.6', 'wps', ['4', '3', '2', '1', '0']],
    ['RFC 7135 §3.2', 'esnet', ['0', '1', '2', '3', '4']],
    ['RFC 5478', 'rts-000007', ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']],
    ['RFC 8101', 'mcpttp', Array.from({ length: 16 }, (_, i) => String(i))],
  ])('%s: %s', (_, namespace, values) => {
    expect(priorityNamespaces.find((n) => n.name === namespace)?.values).toEqual(values);
    const ranks = values.map((value) => rank(`${namespace}.${value}`));
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    expect(new Set(ranks).size).toBe(values.length);
  });
});

describe('the total order', () => {
  it('gives every value a rank of its own, from 1', () => {
    expect(order.byRank.map((value) => value.rank)).toEqual(order.byRank.map((_, i) => i + 1));
  });

  it('puts esnet.4 on top, above esnet.0, above ets.0, above wps.0', () => {
    expect(order.byRank.at(-1)?.text).toBe('esnet.4');
    const down = ['esnet.4', 'esnet.0', 'ets.0', 'ets.4', 'wps.0', 'wps.4', 'dsn.flash-override'].map(rank);
    expect(down).toEqual([...down].sort((a, b) => b - a));
  });

  it('knows what is an emergency, what is priority, and what is routine', () => {
    const kind = (text: string) => order.byText.get(text)?.kind;
    for (let n = 0; n <= 4; n++) expect(kind(`esnet.${n}`)).toBe('emergency');
    for (let n = 0; n <= 4; n++) expect(kind(`ets.${n}`)).toBe('priority');
    for (let n = 0; n <= 4; n++) expect(kind(`wps.${n}`)).toBe('priority');
    expect(['dsn.routine', 'drsn.routine', 'q735.4'].map(kind)).toEqual(['ordinary', 'ordinary', 'ordinary']);
    expect(['dsn.priority', 'drsn.flash', 'q735.3'].map(kind)).toEqual(['priority', 'priority', 'priority']);
  });

  it('can be given: namespaces interleaved, the rest unknown', () => {
    const built = priorityOrder(
      ['esnet', 'ETS.0', 'wps.0', 'ets.1', 'ets.2', 'ets.3', 'ets.4', 'wps.1', 'wps.2', 'wps.3', 'wps.4'],
      [],
    );
    if ('faults' in built) throw new Error(built.faults.join());
    expect(built.order.acceptText).toBe(
      'esnet.4, esnet.3, esnet.2, esnet.1, esnet.0, ets.0, wps.0, ets.1, ets.2, ets.3, ets.4, wps.1, wps.2, wps.3, wps.4',
    );
    expect(built.order.byText.has('dsn.flash')).toBe(false);
    expect(built.order.byText.get('ets.0')!.rank).toBeGreaterThan(built.order.byText.get('wps.0')!.rank);
  });

  // RFC 4412 §8.3: such orders MUST NOT be configurable
  it.each([
    [['ets.1', 'ets.0', 'ets.2', 'ets.3', 'ets.4'], /ets\.1: above ets\.0, against the order of ets/],
    [['esnet.0', 'esnet.1', 'esnet.2', 'esnet.3', 'esnet.4'], /esnet\.0: above esnet\.1/],
    [['wps.0', 'ets', 'wps.2', 'wps.1', 'wps.3', 'wps.4'], /wps\.2: above wps\.1/],
    [['ets.0', 'ets.1'], /ets: incomplete, without 4, 3, 2/],
    [['ets', 'ets.0'], /ets\.0: stands twice/],
    [['ets', 'ETS'], /ets\.4: stands twice/],
    [['etz'], /etz: not a registered namespace; allowed: esnet, ets, wps, drsn, dsn, q735/],
    [['ets.5'], /ets\.5: not a value of ets; allowed: 4, 3, 2, 1, 0/],
    [['ets.0.1'], /ets\.0\.1: not a value of ets/],
  ])('refuses %j', (highestFirst, fault) => {
    expect(faultsOf(highestFirst).join('\n')).toMatch(fault);
  });

  it('refuses an unknown ordinary value', () => {
    expect(faultsOf(['ets'], ['ets.9'])).toEqual(['ets.9: not a registered value']);
  });

  it('accepts exactly the interleavings that keep the order of each namespace', () => {
    const values = ['ets.0', 'ets.1', 'ets.2', 'ets.3', 'ets.4', 'esnet.4', 'esnet.3', 'esnet.2', 'esnet.1', 'esnet.0'];
    fc.assert(
      fc.property(fc.shuffledSubarray(values, { minLength: values.length }), (shuffled) => {
        const keeps = ['ets', 'esnet'].every((name) => {
          const own = (list: string[]) => list.filter((value) => value.startsWith(`${name}.`)).join();
          return own(shuffled) === own(values);
        });
        expect(faultsOf(shuffled).length === 0).toBe(keeps);
      }),
    );
  });

  it('lists in Accept-Resource-Priority what fits into a datagram', () => {
    expect(order.acceptText).toMatch(/^esnet\.4, esnet\.3, .*, q735\.4$/);
    expect(order.acceptText.length).toBeLessThan(500);
  });
});
