import { describe, expect, it } from 'vitest';
import { type AdminAccess, type RequestHead, writerOf } from '../../src/admin/access.ts';

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
