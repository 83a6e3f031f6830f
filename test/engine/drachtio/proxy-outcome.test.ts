// What a caller got of a proxied request, and what may stand in a message to a drachtio-server.
import { describe, expect, it } from 'vitest';
import { isPlainUri, plainFields, plainText } from '../../../src/engine/drachtio/header-fields.ts';
import { statusOf, upstreamStatus } from '../../../src/engine/drachtio/proxy-outcome.ts';

describe('upstreamStatus', () => {
  it.each([
    [[], 408],
    [[200], 200],
    [[503, 200], 200],
    [[503], 503],
    [[302, 503], 503],
    [[486, 503], 486],
    [[503, 486], 486],
    [[486, 404], 404],
    [[404, 401], 401],
    [[407, 603], 603],
    [[503, 500], 500],
  ])('%j: %i', (statuses, expected) => {
    expect(upstreamStatus(statuses.map((status) => ({ status, address: '127.0.0.1', port: 5080 })))).toBe(expected);
  });
});

describe('statusOf', () => {
  it.each([
    ['SIP/2.0 486 Busy Here\r\n', 486],
    ['INVITE sip:a@b SIP/2.0', 0],
    [undefined, 0],
  ])('%j: %i', (raw, status) => expect(statusOf(raw)).toBe(status));
});

describe('header fields', () => {
  it('stay on their line', () => {
    expect(plainFields({ 'X-A': 'b\r\nVia: c', 'Y\r\nZ': 'd', 'a b': 'c', '': 'e' })).toEqual({ 'X-A': 'b Via: c' });
    expect(plainText('Busy\r\nX: y')).toBe('Busy X: y');
  });

  it.each([
    ['sip:100@127.0.0.1:5060;transport=udp', true],
    ['sips:100@example.com', true],
    ['tel:+15551234', true],
    ['sip:a|b@c', false],
    ['sip:a@b\r\nX: y', false],
    ['sip:a b@c', false],
    ['<sip:a@b>', false],
    ['http://example.com', false],
    ['127.0.0.1:5060', false],
  ])('%j as a URI: %s', (uri, expected) => expect(isPlainUri(uri)).toBe(expected));
});
