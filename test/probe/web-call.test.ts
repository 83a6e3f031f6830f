// sip.js over WebSocket against called parties that answer, refuse, ring for ever and hang up.
import { afterEach, describe, expect, it } from 'vitest';
import type { CallPlan } from '../../src/probe/call.ts';
import { webCaller } from '../../src/probe/web-call.ts';
import { waitFor } from '../peers/wait.ts';
import { answer, type Behaviour, methodOf, respond, ringing, usual, webCallee } from './fake-callee.ts';

const plan: CallPlan = {
  ...{ class: 'priority', to: 'sip:*2725551234@example.test', from: 'sip:probe@example.test:5080' },
  ...{ resourcePriority: 'ets.0', holdMs: 10, timeoutMs: 30_000 },
};
const never = new AbortController().signal;
const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function calleeOf(behave: Behaviour, protocol = 'sip') {
  const callee = await webCallee(behave, protocol);
  closers.push(() => callee.close());
  return callee;
}

const call = (address: string, more: Partial<CallPlan> = {}, signal = never) =>
  webCaller(address)({ ...plan, ...more }, signal);

const header = (text: string, name: string): string =>
  new RegExp(`^${name}:[ \t]*(.*)$`, 'im').exec(text)?.[1]?.trim() ?? '';

describe('a call by sip.js', () => {
  it('is answered, acknowledged, held and hung up', async () => {
    const callee = await calleeOf(usual());
    const end = await call(callee.address);
    expect(end).toMatchObject({ how: 'answered', status: 200, phrase: 'OK', fault: '', reason: '' });
    expect(end.setUpMs).toBeGreaterThanOrEqual(end.firstResponseMs!);
    expect(callee.methods()).toEqual(['INVITE', 'ACK', 'BYE']);
    const invite = callee.received[0]!;
    expect(invite).toMatch(/^INVITE sip:\*2725551234@example\.test SIP\/2\.0\r\n/);
    expect(header(invite, 'Resource-Priority')).toBe('ets.0');
    expect(header(invite, 'Via')).toMatch(/^SIP\/2\.0\/WS \S+\.invalid;/);
    expect(invite).toContain('a=inactive');
  });

  it('carries no Resource-Priority where none is wanted', async () => {
    const callee = await calleeOf(usual());
    await call(callee.address, { resourcePriority: undefined });
    expect(callee.received.join('')).not.toMatch(/resource-priority/i);
  });

  it('tells what a refusal says, and acknowledges it before the connection ends', async () => {
    const headers = ['Retry-After: 17', 'Reason: Q.850;cause=42;text="Surgegate share"'];
    const callee = await calleeOf(usual((invite) => [respond(invite, '503 Service Unavailable', headers)]));
    expect(await call(callee.address)).toMatchObject({
      ...{ how: 'rejected', status: 503, phrase: 'Service Unavailable', retryAfterSeconds: 17, fault: '' },
      reason: 'Q.850;cause=42;text="Surgegate share"',
    });
    await waitFor('the ACK', () => callee.methods().includes('ACK'));
  });

  it('is cancelled where it rings, and not before anything came', async () => {
    const rings = await calleeOf(usual((invite) => [ringing(invite)]));
    expect(await call(rings.address, { timeoutMs: 400 })).toMatchObject({ how: 'silent', status: 180 });
    await waitFor('the ACK to 487', () => rings.methods().includes('ACK'));
    expect(rings.methods()).toEqual(['INVITE', 'CANCEL', 'ACK']);
    const deaf = await calleeOf(() => []);
    expect(await call(deaf.address, { timeoutMs: 400 })).toMatchObject({ how: 'silent', status: 0 });
    expect(deaf.methods()).toEqual(['INVITE']);
  });

  it('is hung up where the answer crosses the CANCEL', async () => {
    let invite = '';
    const callee = await calleeOf((request) => {
      const method = methodOf(request);
      if (method === 'ACK') return [];
      if (method === 'INVITE') {
        invite = request;
        return [ringing(invite)];
      }
      return method === 'CANCEL' ? [respond(request, '200 OK'), answer(invite)] : [respond(request, '200 OK')];
    });
    expect((await call(callee.address, { timeoutMs: 400 })).how).toBe('silent');
    await waitFor('the BYE', () => callee.methods().includes('BYE'));
    expect(callee.methods()).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE']);
  });

  it('fails where the BYE is refused, or the answer has no session', async () => {
    const others = usual();
    const unknown = await calleeOf((request, nth) =>
      methodOf(request) === 'BYE' ? [respond(request, '481 Call Does Not Exist')] : others(request, nth),
    );
    expect((await call(unknown.address)).fault).toBe('BYE was answered 481');
    const bare = await calleeOf(usual((invite) => [respond(invite, '200 OK', ['Contact: <sip:callee@callee.test>'])]));
    expect(await call(bare.address)).toMatchObject({ how: 'answered', fault: expect.stringMatching(/no session/) });
    await waitFor('the BYE', () => bare.methods().includes('BYE'));
  });

  it('is over when the other end hangs up', async () => {
    const others = usual();
    const callee = await calleeOf((request, nth) => {
      if (methodOf(request) !== 'ACK') return others(request, nth);
      const target = /<(.*)>/.exec(header(callee.received[0]!, 'Contact'))![1];
      const lines = [
        `BYE ${target} SIP/2.0`,
        'Via: SIP/2.0/WS callee.test;branch=z9hG4bKbye',
        `From: ${header(request, 'To')}`,
        `To: ${header(request, 'From')}`,
        `Call-ID: ${header(request, 'Call-ID')}`,
        ...['CSeq: 7 BYE', 'Max-Forwards: 70', 'Content-Length: 0'],
      ];
      return [`${lines.join('\r\n')}\r\n\r\n`];
    });
    expect(await call(callee.address, { holdMs: 600_000 })).toMatchObject({ how: 'answered', fault: '' });
    await waitFor('its 200', () => callee.received.some((text) => /^SIP\/2\.0 200/.test(text)));
    expect(callee.methods()).not.toContain('BYE');
  });

  it('is hung up or cancelled by the signal', async () => {
    const talking = new AbortController();
    const callee = await calleeOf(usual());
    const placed = call(callee.address, { holdMs: 600_000 }, talking.signal);
    await waitFor('the ACK', () => callee.methods().includes('ACK'));
    talking.abort();
    expect(await placed).toMatchObject({ how: 'answered', fault: '' });
    expect(callee.methods()).toEqual(['INVITE', 'ACK', 'BYE']);

    const ringingUp = new AbortController();
    const rings = await calleeOf(
      usual((invite) => {
        setTimeout(() => ringingUp.abort(), 400);
        return [respond(invite, '100 Trying'), ringing(invite)];
      }),
    );
    expect((await call(rings.address, {}, ringingUp.signal)).how).toBe('interrupted');
    expect(rings.methods()).toContain('CANCEL');

    const atOnce = new AbortController();
    const trying = await calleeOf(
      usual((invite) => {
        atOnce.abort();
        return [respond(invite, '100 Trying')];
      }),
    );
    expect((await call(trying.address, {}, atOnce.signal)).how).toBe('interrupted');
    expect(trying.methods()).toContain('CANCEL');
  });
});

describe('a connection', () => {
  it('that cannot be made is said in words', async () => {
    const gone = await webCallee(usual());
    await gone.close();
    expect(await call(gone.address)).toMatchObject({ how: 'lost', status: 0, fault: 'nobody listens there' });
    const other = await calleeOf(usual(), 'xmpp');
    expect(await call(other.address)).toMatchObject({
      how: 'lost',
      status: 0,
      fault: expect.stringMatching(/subprotocol/),
    });
  });

  it('that is cut ends the call', async () => {
    const inSetUp = await calleeOf(usual((invite) => [respond(invite, '100 Trying')]));
    const setUp = call(inSetUp.address);
    await waitFor('the INVITE', () => inSetUp.received.length === 1);
    inSetUp.cut();
    expect(await setUp).toMatchObject({ how: 'lost', fault: 'it closed the connection' });
    const inTalk = await calleeOf(usual());
    const talk = call(inTalk.address, { holdMs: 600_000 });
    await waitFor('the ACK', () => inTalk.methods().includes('ACK'));
    inTalk.cut();
    expect(await talk).toMatchObject({ how: 'answered', fault: 'it closed the connection' });
  });
});
