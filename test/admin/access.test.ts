import { describe, expect, it } from 'vitest';
import { type AdminAccess, pageRefusal, type RequestHead, writerOf } from '../../src/admin/access.ts';

const token = 'a-token-of-sixteen+';
const loopback: AdminAccess = { isLoopback: true, tokens: [] };
const outside: AdminAccess = { isLoopback: false, tokens: [] };
const known = [
  { name: 'token', token },
  { name: 'ann', token: 'the-token-of-ann' },
];
const refuseWrite = (access: AdminAccess, head: RequestHead) => {
  const writer = writerOf(access, head);
  return 'by' in writer ? undefined : writer;
};

describe('who may change something', () => {
  it.each(['127.0.0.1:9464', '[::1]:9464', 'localhost', 'LOCALHOST:1', '127.0.0.1'])(
    'everybody on the loopback who asks for %s',
    (host) => expect(refuseWrite(loopback, { host })).toBeUndefined(),
  );

  it.each(['gaps.example', 'gaps.example:9464', 'localhost.example', '127.0.0.1.example', '', undefined])(
    'nobody on the loopback who asks for %s: a web page may have been given that name',
    (host) => expect(refuseWrite(loopback, { host })?.status).toBe(403),
  );

  it('nobody elsewhere while no token is configured, whatever is sent', () => {
    const refusal = refuseWrite(outside, { host: '127.0.0.1', authorization: `Bearer ${token}` });
    expect(refusal).toMatchObject({ status: 403 });
    expect(refusal?.detail).toContain('admin.operators');
    expect(refusal?.challenge).toBeUndefined();
  });

  it.each([loopback, outside])('with a token who has it, wherever it listens: %o', (access) => {
    const guarded = { ...access, tokens: known };
    expect(refuseWrite(guarded, { host: 'any.example', authorization: `Bearer ${token}` })).toBeUndefined();
    expect(refuseWrite(guarded, { authorization: `bearer  ${token}` })).toBeUndefined();
    expect(refuseWrite(guarded, { host: 'localhost' })).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="surgegate"',
    });
  });

  it.each([`Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Bearer ${token.toUpperCase()}`])(
    'not who has another: %s',
    (authorization) =>
      expect(refuseWrite({ ...outside, tokens: known }, { authorization })).toMatchObject({
        status: 401,
        challenge: 'Bearer realm="surgegate", error="invalid_token"',
      }),
  );

  it.each([`Basic ${token}`, token, 'Bearer', 'Bearer ', `Bearer ${token} ${token}`, `Bearer "${token}"`])(
    'not who says it in another way: %s',
    (authorization) => expect(refuseWrite({ ...outside, tokens: known }, { authorization })?.status).toBe(401),
  );

  it('who has one of several tokens is known by its name, who needs none as local', () => {
    const by = (access: AdminAccess, head: RequestHead) => (writerOf(access, head) as { by?: string }).by;
    expect(by(loopback, { host: '127.0.0.1' })).toBe('local');
    expect(by({ ...loopback, tokens: known }, { host: '127.0.0.1' })).toBeUndefined();
    expect(by({ ...outside, tokens: known }, { authorization: `Bearer ${token}` })).toBe('token');
    expect(by({ ...outside, tokens: known }, { authorization: 'Bearer the-token-of-ann' })).toBe('ann');
  });

  it('never tells the token', () => {
    const refusals = [{}, { authorization: 'Bearer guess' }].map((head) =>
      refuseWrite({ ...outside, tokens: known }, head),
    );
    expect(JSON.stringify(refusals)).not.toContain(token);
  });
});

describe('a web page', () => {
  const pageToken = 'made-at-this-start-1';
  const withPage = { ...loopback, pageToken };
  const guarded = { ...outside, tokens: known };
  const host = '127.0.0.1:9464';
  const own = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
  const answer = (access: AdminAccess, head: RequestHead) => {
    const writer = writerOf(access, head);
    return 'by' in writer ? writer.by : writer.status;
  };

  it.each<[string, AdminAccess, RequestHead, string | number]>([
    ['of ours needs the token of the start', withPage, own, 401],
    ['of ours is known by it as console', withPage, { ...own, ...bearer(pageToken) }, 'console'],
    ['of ours with another is none', withPage, { ...own, ...bearer('made-at-another-one') }, 401],
    ['of ours changes nothing where there is no console', loopback, { ...own, ...bearer(pageToken) }, 403],
    ['needs it too where it says only where it is from', withPage, { host, 'sec-fetch-site': 'same-origin' }, 401],
    ['needs it too where it says only its origin', withPage, { host, origin: `http://${host}` }, 401],
    ['needs it where somebody typed the address', withPage, { host, 'sec-fetch-site': 'none' }, 401],
    [
      'of ours under localhost',
      withPage,
      { ...own, host: 'localhost:1', origin: 'http://localhost:1', ...bearer(pageToken) },
      'console',
    ],
    [
      'of ours under [::1]',
      withPage,
      { ...own, host: '[::1]:1', origin: 'http://[::1]:1', ...bearer(pageToken) },
      'console',
    ],
    [
      'of another origin is refused with the token too',
      withPage,
      { ...own, origin: 'http://evil.example', ...bearer(pageToken) },
      403,
    ],
    [
      'of another port is one of another origin',
      withPage,
      { ...own, origin: 'http://127.0.0.1:8080', ...bearer(pageToken) },
      403,
    ],
    [
      'of another name for the same is one',
      withPage,
      { ...own, origin: 'http://localhost:9464', ...bearer(pageToken) },
      403,
    ],
    ['without an origin of its own is one', withPage, { ...own, origin: 'null', ...bearer(pageToken) }, 403],
    [
      'with an origin that is none is one',
      withPage,
      { ...own, origin: `http://${host}@evil.example`, ...bearer(pageToken) },
      403,
    ],
    ['of the same site is one', withPage, { ...own, 'sec-fetch-site': 'same-site', ...bearer(pageToken) }, 403],
    ['of another site is one', withPage, { ...own, 'sec-fetch-site': 'cross-site', ...bearer(pageToken) }, 403],
    [
      'whose name was pointed to the loopback is refused with the token too',
      withPage,
      {
        host: 'evil.example:9464',
        origin: 'http://evil.example:9464',
        'sec-fetch-site': 'same-origin',
        ...bearer(pageToken),
      },
      403,
    ],
    [
      'changes nothing elsewhere without a configured token',
      { ...outside, pageToken },
      { ...own, ...bearer(pageToken) },
      403,
    ],
    ['of ours has a configured token like anybody', guarded, { ...own, ...bearer(token) }, 'token'],
    ['of ours needs it', guarded, own, 401],
    [
      'does not get by with that of the start where one is configured',
      { ...guarded, pageToken },
      { ...own, ...bearer(pageToken) },
      401,
    ],
    [
      'of another origin is refused with a configured token too',
      guarded,
      { ...own, origin: 'http://evil.example', ...bearer(token) },
      403,
    ],
    [
      'behind a proxy that ends TLS and passes the Host on',
      guarded,
      { host: 'edge.example', origin: 'https://edge.example', ...bearer(token) },
      'token',
    ],
    [
      'behind one on another port',
      guarded,
      { host: 'edge.example:8443', origin: 'https://edge.example:8443', ...bearer(token) },
      'token',
    ],
    [
      'behind one whose usual port stands in the Host',
      guarded,
      { host: 'edge.example:443', origin: 'https://edge.example', ...bearer(token) },
      'token',
    ],
    [
      'behind one that puts its own name there',
      guarded,
      { host: '127.0.0.1:9464', origin: 'https://edge.example', ...bearer(token) },
      403,
    ],
    ['is none where no browser speaks: no token', withPage, { host }, 'local'],
    [
      'is none where no browser speaks, whatever it sends',
      withPage,
      { host, ...bearer('made-at-another-one') },
      'local',
    ],
  ])('%s', (_what, access, head, expected) => expect(answer(access, head)).toBe(expected));

  it('is told what it lacks, and no token', () => {
    const refusals = [own, { ...own, ...bearer('made-at-another-one') }].map((head) => refuseWrite(withPage, head));
    expect(refusals.map((one) => one?.challenge)).toEqual([
      'Bearer realm="surgegate"',
      'Bearer realm="surgegate", error="invalid_token"',
    ]);
    expect(refusals[0]?.detail).toContain('`console`');
    expect(JSON.stringify(refusals)).not.toContain(pageToken);
  });

  it.each<[string, AdminAccess, RequestHead, boolean]>([
    ['of ours', loopback, own, true],
    ['that is opened by its address', loopback, { host, 'sec-fetch-site': 'none' }, true],
    [
      'that a link of another leads to',
      loopback,
      { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      true,
    ],
    ['of another origin', loopback, { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, false],
    ['of another port', loopback, { host, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, false],
    ['that says its origin', guarded, { host, origin: 'http://evil.example' }, false],
    ['whose name was pointed to the loopback', loopback, { host: 'evil.example:9464' }, false],
    ['without a name', loopback, {}, false],
    [
      'under a name of a proxy, where there are tokens',
      { ...guarded, isLoopback: true },
      { host: 'edge.example' },
      true,
    ],
    ['under any name of a listener that others reach', outside, { host: 'edge.example:9464' }, true],
  ])('%s', (_what, access, head, may) => expect(pageRefusal(access, head)?.status).toBe(may ? undefined : 403));
});
