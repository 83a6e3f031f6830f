import { describe, expect, it } from 'vitest';
import { flowOfTarget, flowToken, readFlowToken } from '../../src/forward/flow-token.ts';
import { Marks } from '../../src/forward/marks.ts';
import { parseUri } from '../../src/sip/uri.ts';
import { FakeTransports } from '../edge/fake-transports.ts';

const marks = new Marks(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
const transports = new FakeTransports([
  { interfaceName: 'south', transport: 'udp', host: '192.0.2.1', port: 5060 },
  { interfaceName: 'south', transport: 'tcp', host: '192.0.2.1', port: 5060 },
  { interfaceName: 'south', transport: 'udp', host: '2001:db8::1', port: 5060 },
]);
const [udp, tcp, udp6] = transports.listeners as [never, never, never];

const back = (token: string) => {
  const target = readFlowToken(marks, token);
  return target && flowOfTarget(target, transports.listeners, transports);
};

describe('a token leads back', () => {
  it.each([
    ['an address', transports.flowTo(udp, '198.51.100.7', 40_001)],
    ['an IPv6 address', transports.flowTo(udp6, '2001:db8:0:1::7', 1)],
    ['a connection', transports.connect(tcp, '198.51.100.7', 65_535)],
  ])('to %s', (_, flow) => {
    const token = flowToken(marks, flow);
    expect(back(token)).toBe(flow);
    // it stands in the user part of a URI, where a parser must leave it as it is
    expect(parseUri(`sip:${token}@edge;lr`)?.user).toBe(token);
  });

  it('not where the connection is closed, nor to another that has its place', () => {
    const flow = transports.connect(tcp, '198.51.100.8', 5060);
    const token = flowToken(marks, flow);
    transports.close(flow);
    expect(back(token)).toBeUndefined();
    transports.connect(tcp, '198.51.100.8', 5060);
    expect(back(token)).toBeUndefined();
  });

  it('not where its number names a connection to somebody else, as after a restart', () => {
    const flow = transports.connect(tcp, '198.51.100.9', 5060);
    const target = readFlowToken(marks, flowToken(marks, flow))!;
    const find = (wrong: object) => flowOfTarget({ ...target, ...wrong }, transports.listeners, transports);
    expect(find({})).toBe(flow);
    for (const wrong of [
      { address: '198.51.100.10' },
      { port: 5061 },
      { flowId: 0 },
      { flowId: 99_999 },
      { listenerId: 9 },
    ])
      expect(find(wrong)).toBeUndefined();
  });
});

it('is ours only with our key and as we wrote it', () => {
  const token = flowToken(marks, transports.flowTo(udp, '198.51.100.7', 5060));
  expect(readFlowToken(new Marks(Uint8Array.from([9, 2, 3, 4, 5, 6, 7, 8])), token)).toBeUndefined();
  const forged = [
    '',
    'f',
    token.slice(0, -1),
    `${token}0`,
    token.slice(1),
    `x${token}`,
    token.replace('198', '199'),
    `f-${token}`,
  ];
  for (let i = 0; i < token.length; i++)
    forged.push(`${token.slice(0, i)}${token[i] === '1' ? '2' : '1'}${token.slice(i + 1)}`);
  for (const one of forged) expect(readFlowToken(marks, one)).toBeUndefined();
});
