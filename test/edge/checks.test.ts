import { describe, expect, it } from 'vitest';
import { checkRequest, faultRefusal } from '../../src/edge/checks.ts';
import type { PeekFault } from '../../src/sip/peek.ts';
import { peekText } from '../sip/peek-text.ts';
import { branchOf, type Given, marks, peeked, text } from './routing.ts';

const check = (given: Given, change = (t: string) => t) => {
  const refusal = checkRequest(peekText(change(text(given))), marks, 3);
  return refusal && `${refusal.status} ${refusal.reason} ${refusal.lines}`.trim();
};

describe('RFC 3261 §16.3', () => {
  it.each([
    ['sip:bob@example.com', undefined],
    ['SIP:bob@example.com', undefined],
    ['sips:bob@example.com', undefined],
    ['SipS:bob@example.com', undefined],
    ['tel:911', undefined],
    ['TEL:+1555', undefined],
    ['urn:service:sos', undefined],
    ['URN:SERVICE:sos.fire', undefined],
    ['urn:nena:x', '416 unsupported-scheme'],
    ['http://example.com', '416 unsupported-scheme'],
    ['sipx:bob@example.com', '416 unsupported-scheme'],
    ['si', '416 unsupported-scheme'],
    ['tel', '416 unsupported-scheme'],
    ['*', '416 unsupported-scheme'],
  ])('step 2: %s: %s', (uri, expected) => {
    expect(check({ uri })).toBe(expected);
  });

  it.each([
    ['Max-Forwards: 0', '483 too-many-hops'],
    ['Max-Forwards: 000', '483 too-many-hops'],
    ['Max-Forwards: 1', undefined],
    ['Max-Forwards: 255', undefined],
    ['Max-Forwards: 256', '400 malformed'],
    ['Max-Forwards: -1', '400 malformed'],
    ['Max-Forwards: x', '400 malformed'],
    ['X: y', undefined],
  ])('step 3: %s: %s', (line, expected) => {
    expect(check({}, (t) => t.replace('Max-Forwards: 70', line))).toBe(expected);
  });

  it('step 4: 482 where a Via of ours was made for the same routing, on the same side', () => {
    const own = (listenerId: number, given: Given = {}) =>
      `SIP/2.0/UDP us;branch=${branchOf(peeked(given), listenerId)}`;
    const via = (below: string) => ({ via: `198.51.100.7:5060;branch=z9hG4bK1\r\nVia: ${below}` });
    expect(check(via(own(3)))).toBe('482 loop');
    expect(check(via(own(4)))).toBeUndefined();
    expect(check({ ...via(own(3)), uri: 'sip:carol@example.com' })).toBeUndefined();
    expect(check({ via: `us;branch=${branchOf(peeked({}), 3)}` })).toBe('482 loop');
    expect(check(via('SIP/2.0/UDP other;branch=z9hG4bKsgnot-ours'))).toBeUndefined();
  });

  it('step 5: 420 for what Proxy-Require asks of us, all of it named', () => {
    expect(check({ headers: ['Proxy-Require: foo'] })).toBe('420 unsupported-extension Unsupported: foo');
    expect(check({ headers: ['Proxy-Require: foo,\r\n bar', 'Proxy-Require:baz'] })).toBe(
      '420 unsupported-extension Unsupported: foo, bar, baz',
    );
    expect(check({ headers: ['Proxy-Require:'] })).toBeUndefined();
    expect(check({ method: 'BYE', toTag: 'b', headers: ['Proxy-Require: foo'] })).toBe(
      '420 unsupported-extension Unsupported: foo',
    );
    expect(check({ headers: ['Require: foo'] })).toBeUndefined();
  });
  it.each(['CANCEL', 'ACK'])('§8.2.2.3: but it means nothing in %s', (method) => {
    expect(check({ method, headers: ['Proxy-Require: foo'] })).toBeUndefined();
  });
});

it('answers every fault that leaves enough to answer', () => {
  const verdicts: Partial<Record<PeekFault, number>> = {};
  const faults: PeekFault[] = [
    'bad-version',
    'no-via',
    'no-from',
    'no-to',
    'no-call-id',
    'no-cseq',
    'bad-cseq',
    'duplicate-header',
  ];
  for (const fault of [
    ...faults,
    'bad-content-length',
    'truncated',
    'too-many-headers',
    'bad-via',
    'bad-header',
    'keep-alive',
    'not-sip',
    'none',
  ] as const) {
    const refusal = faultRefusal(fault);
    if (refusal !== undefined) verdicts[fault] = refusal.status;
  }
  expect(verdicts).toEqual({
    'bad-version': 505,
    'no-from': 400,
    'no-to': 400,
    'no-call-id': 400,
    'no-cseq': 400,
    'bad-cseq': 400,
    'duplicate-header': 400,
    'bad-content-length': 400,
    truncated: 400,
    'too-many-headers': 400,
    'bad-via': 400,
    'bad-header': 400,
  });
});
