import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { guardedLookup, refuseCallback } from '../../../src/orchestrator/api/callback-address.ts';

const listed = ['app.example', '192.0.2.7', '2001:db8::7', 'metadata.example', '169.254.169.254'];

describe('where orders may be sent', () => {
  it.each([
    ...['http://127.0.0.1:9471/orders', 'http://127.1.2.3/', 'https://[::1]:9471/', 'http://localhost:80/x?y=1'],
    // other ways to write the loopback
    ...[
      'http://2130706433/',
      'http://0x7f.1/',
      'http://127.1/',
      'http://[::ffff:127.0.0.1]/',
      'http://LOCALHOST./',
      'HTTP://127.0.0.1',
    ],
  ])('the loopback: %s', (url) => expect(refuseCallback(url, [])).toBeUndefined());

  it.each([
    ...[
      'http://192.0.2.7/',
      'http://10.0.0.1/',
      'http://169.254.169.254/latest/meta-data',
      'http://[fe80::1]/',
      'http://[2001:db8::7]/',
    ],
    ...[
      'http://0.0.0.0/',
      'http://0/',
      'http://[::]/',
      'http://app.example/',
      'http://localhost.example/',
      'http://127.0.0.1.example/',
    ],
    ...['http://[::ffff:192.0.2.7]/', 'http://3221225991/', 'http://[64:ff9b::7f00:1]/', 'http://sub.localhost/'],
  ])('nowhere else: %s', (url) => expect(refuseCallback(url, [])).toBe('allowed: an address on the loopback'));

  it.each([
    ...['ftp://127.0.0.1/', 'file:///etc/passwd', 'http:', 'not a url', '', 'unix:/run/x', 'javascript:0'],
    ...['http://user@127.0.0.1/', 'http://user:word@127.0.0.1/', 'http://127.0.0.1/#part', 'http://127.0.0.1:99999/'],
  ])('only a plain http or https URL: %s', (url) => expect(refuseCallback(url, listed)).toMatch(/^allowed: /));

  it.each([
    'http://app.example:8080/',
    'https://APP.example./',
    'http://192.0.2.7/',
    'http://[2001:db8:0::7]/',
    'http://127.0.0.1/',
  ])('a host that is listed: %s', (url) => expect(refuseCallback(url, listed)).toBeUndefined());

  it.each(['http://x.app.example/', 'http://192.0.2.8/', 'http://app.example.net/', 'http://169.254.169.254/'])(
    'not its neighbour, and never a service of the link: %s',
    (url) => expect(refuseCallback(url, listed)).toMatch(/loopback, app\.example, /),
  );
});

describe('what a name means is judged at each connection', () => {
  const ask = (name: string, found: LookupAddress[], all = true): Promise<string[] | string> => {
    const system = ((_name: string, _options: object, done: (error: null, found: LookupAddress[]) => void) => {
      done(null, found);
    }) as never;
    return new Promise((resolve) => {
      guardedLookup(listed, system)(name, { all }, (error, address, family) => {
        if (error !== null) resolve(String(error.code));
        else resolve(Array.isArray(address) ? address.map((one) => one.address) : [`${address} ${family}`]);
      });
    });
  };
  const v4 = (address: string): LookupAddress => ({ address, family: 4 });
  const v6 = (address: string): LookupAddress => ({ address, family: 6 });

  it('localhost is the loopback and nothing else', async () => {
    expect(await ask('localhost', [v6('::1'), v4('127.0.0.1')])).toEqual(['::1', '127.0.0.1']);
    expect(await ask('localhost', [v4('192.0.2.7')])).toBe('EADDRNOTAVAIL');
    expect(await ask('localhost', [v4('192.0.2.7'), v4('127.0.0.1')])).toEqual(['127.0.0.1']);
  });

  it('a listed name is what it is, but no service of the link, no group, not nothing', async () => {
    expect(await ask('app.example', [v4('192.0.2.9')])).toEqual(['192.0.2.9']);
    expect(await ask('app.example', [v4('127.0.0.1')])).toEqual(['127.0.0.1']);
    for (const bad of [v4('169.254.169.254'), v4('0.0.0.0'), v4('239.1.1.1'), v4('255.255.255.255')]) {
      expect(await ask('metadata.example', [bad]), bad.address).toBe('EADDRNOTAVAIL');
    }
    for (const bad of [v6('fe80::1'), v6('::'), v6('ff02::1'), v6('::ffff:169.254.169.254')]) {
      expect(await ask('metadata.example', [bad]), bad.address).toBe('EADDRNOTAVAIL');
    }
  });

  it('one address where one is asked for', async () => {
    expect(await ask('app.example', [v4('0.0.0.0'), v4('192.0.2.9')], false)).toEqual(['192.0.2.9 4']);
  });

  it('a name that is not known stays so', async () => {
    const lookup = guardedLookup(listed);
    const code = await new Promise((resolve) => lookup('name.invalid', { all: true }, (error) => resolve(error?.code)));
    expect(code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });
});
