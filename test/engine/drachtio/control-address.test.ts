// Where a drachtio-server may take applications: on this host, unless told.
import { describe, expect, it } from 'vitest';
import { controlAddressFault, isLoopback, secretFault } from '../../../src/engine/drachtio/control-address.ts';
import { isOnThisHost } from '../../../src/engine/drachtio/load.ts';

describe('the control address', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'])(
    '%s is on this host',
    (host) => {
      expect(isLoopback(host)).toBe(true);
      expect(isOnThisHost(host)).toBe(true);
      expect(controlAddressFault(host, false)).toBe('');
    },
  );

  it.each([
    '10.0.0.1',
    '0.0.0.0',
    '::',
    '2001:db8::1',
    '::ffff:10.0.0.1',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '',
  ])('%j is refused, with the reason, and taken where it is allowed', (host) => {
    expect(isLoopback(host)).toBe(false);
    expect(controlAddressFault(host, false)).toMatch(/act as its application.*without its secret/);
    expect(controlAddressFault(host, true)).toBe('');
  });
});

describe('the secret', () => {
  it.each(['cymru', 'a-long.one/with+signs='])('%s', (secret) => expect(secretFault(secret)).toBe(''));
  it.each(['', 'a|b', 'a b', 'a\r\nb', 'x'.repeat(257)])('%j cannot be said to it', (secret) => {
    expect(secretFault(secret)).not.toBe('');
  });
});
