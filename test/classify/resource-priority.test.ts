import { describe, expect, it } from 'vitest';
import {
  PriorityReading,
  readResourcePriority,
  requiresResourcePriority,
} from '../../src/classify/resource-priority.ts';
import { defaultPriorityOrder, peeked } from './sample.ts';

const order = defaultPriorityOrder();

function read(...headers: string[]): PriorityReading {
  const out = new PriorityReading();
  readResourcePriority(peeked({ headers }), order, out);
  return out;
}

describe('Resource-Priority (RFC 4412 §3.1)', () => {
  it.each<[string, string[], string | undefined, number, number]>([
    ['one value', ['Resource-Priority: ets.0'], 'ets.0', 1, 0],
    ['without case', ['RESOURCE-priority: DSN.Flash'], 'dsn.flash', 1, 0],
    ['a comma list', ['Resource-Priority: dsn.flash, wps.3'], 'wps.3', 2, 0],
    ['in another order', ['Resource-Priority: wps.3, dsn.flash'], 'wps.3', 2, 0],
    ['two header fields', ['Resource-Priority: wps.3', 'Resource-Priority: dsn.flash'], 'wps.3', 2, 0],
    ['far apart', ['Resource-Priority: wps.3', 'Subject: x', 'resource-priority :ets.1'], 'ets.1', 2, 0],
    [
      'three fields',
      ['Resource-Priority: wps.3', 'Resource-Priority: q735.0', 'Resource-Priority: esnet.1'],
      'esnet.1',
      3,
      0,
    ],
    ['no white space', ['Resource-Priority:ets.4,wps.0,q735.2'], 'ets.4', 3, 0],
    ['much white space', ['Resource-Priority: \t ets.4 \t,\t wps.0  '], 'ets.4', 2, 0],
    ['folded', ['Resource-Priority: wps.0,\r\n\tets.4'], 'ets.4', 2, 0],
    [
      'folded second field',
      ['Resource-Priority: wps.0', 'Resource-Priority:\r\n ets.4 ,\r\n esnet.0'],
      'esnet.0',
      3,
      0,
    ],
    ['an unknown namespace among known', ['Resource-Priority: foo.1, ets.2'], 'ets.2', 1, 1],
    ['an unknown value of a known namespace', ['Resource-Priority: ets.5'], undefined, 0, 1],
    ['unknown only', ['Resource-Priority: foo.1, bar.high'], undefined, 0, 2],
    ['a value in another namespace’s words', ['Resource-Priority: ets.flash'], undefined, 0, 1],
    ['no dot', ['Resource-Priority: ets'], undefined, 0, 1],
    ['two dots', ['Resource-Priority: ets.0.1'], undefined, 0, 1],
    ['a space inside', ['Resource-Priority: ets. 0'], undefined, 0, 1],
    ['a parameter', ['Resource-Priority: ets.0;x=y'], undefined, 0, 1],
    ['quotes', ['Resource-Priority: "ets.0"'], undefined, 0, 1],
    ['empty', ['Resource-Priority: '], undefined, 0, 0],
    ['empty, then one', ['Resource-Priority:', 'Resource-Priority: ets.0'], 'ets.0', 1, 0],
    ['one, then empty', ['Resource-Priority: ets.0', 'Resource-Priority: '], 'ets.0', 1, 0],
    ['commas only', ['Resource-Priority: , ,, ets.1,'], 'ets.1', 1, 0],
    ['very long', [`Resource-Priority: ${'x'.repeat(3000)}.0, ets.3`], 'ets.3', 1, 1],
    [
      'a prefix of the name is another header',
      ['Resource-Priority: ets.3', 'Resource-Priority-X: ets.0'],
      'ets.3',
      1,
      0,
    ],
    ['RFC 5478', ['Resource-Priority: drsn-000003.9'], 'drsn-000003.9', 1, 0],
    ['not registered by RFC 5478', ['Resource-Priority: drsn-000010.9'], undefined, 0, 1],
    ['RFC 8101', ['Resource-Priority: mcpttq.15'], 'mcpttq.15', 1, 0],
    ['esnet.4 above esnet.0', ['Resource-Priority: esnet.4'], 'esnet.4', 1, 0],
    ['object properties are no values', ['Resource-Priority: __proto__.constructor'], undefined, 0, 1],
  ])('%s', (_, headers, highest, known, unknown) => {
    const out = read(...headers);
    expect([out.highest?.text, out.known, out.unknown]).toEqual([highest, known, unknown]);
    expect(out.namespaceTwice).toBe(false);
  });

  it.each([
    [['Resource-Priority: ets.0, ets.3'], 'ets.3'],
    [['Resource-Priority: ets.3', 'Resource-Priority: ets.0'], 'ets.3'],
    [['Resource-Priority: esnet.4, esnet.0'], 'esnet.0'],
    [['Resource-Priority: ets.0, ets.3, wps.0'], 'ets.3'],
  ])('a namespace twice, %j: the lesser counts', (headers, highest) => {
    const out = read(...headers);
    expect(out.highest?.text).toBe(highest);
    expect(out.namespaceTwice).toBe(true);
  });

  it('the same value twice is one value', () => {
    const out = read('Resource-Priority: ets.1, ETS.1');
    expect([out.highest?.text, out.namespaceTwice]).toEqual(['ets.1', false]);
  });

  it('forgets the request before', () => {
    const out = new PriorityReading();
    readResourcePriority(peeked({ headers: ['Resource-Priority: esnet.4, foo.1'] }), order, out);
    readResourcePriority(peeked({}), order, out);
    expect([out.highest, out.known, out.unknown, out.values.length]).toEqual([undefined, 0, 0, 0]);
  });
});

describe('Require: resource-priority', () => {
  it.each([
    [['Require: resource-priority'], true],
    [['require : Resource-Priority'], true],
    [['Require: 100rel, resource-priority'], true],
    [['Require: 100rel', 'Require: timer,resource-priority'], true],
    [['Require: 100rel', 'Require:', 'Require: resource-priority'], true],
    [['Require: 100rel'], false],
    [['Require: resource-priority-2'], false],
    [['Proxy-Require: resource-priority'], false],
    [['Supported: resource-priority'], false],
    [[], false],
  ])('%j: %s', (headers, expected) => {
    expect(requiresResourcePriority(peeked({ headers }))).toBe(expected);
  });
});
