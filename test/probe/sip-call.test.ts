// Our own user agent against called parties that answer, refuse, ring for ever, hang up, and lose messages.
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseTarget } from '../../src/config/addresses.ts';
import { startTestSwitch } from '../../src/lab/test-switch.ts';
import type { CallPlan } from '../../src/probe/call.ts';
import { sipCaller } from '../../src/probe/sip-call.ts';
import { defaultTimerBase } from '../../src/transaction/timers.ts';
import { waitFor } from '../peers/wait.ts';
import { answer, type Behaviour, datagramCallee, methodOf, respond, ringing, usual } from './fake-callee.ts';

/** For what is about lost messages; elsewhere nothing is sent twice however busy the machine is. */
const quick = { t1Ms: 20, t2Ms: 80, t4Ms: 100 };
const plan: CallPlan = {
  ...{ class: 'priority', to: 'sip:5551234@example.test', from: 'sip:probe@example.test' },
  ...{ resourcePriority: 'ets.0', holdMs: 10, timeoutMs: 30_000 },
};
const never = new AbortController().signal;
const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function calleeOf(behave: Behaviour) {
  const callee = await datagramCallee(behave);
  closers.push(() => callee.close());
  return callee;
}

const call = (address: string, more: Partial<CallPlan> = {}, signal = never, timers = defaultTimerBase) =>
  sipCaller(parseTarget(address)!, timers)({ ...plan, ...more }, signal);
const quickCall = (address: string, more: Partial<CallPlan> = {}) => call(address, more, never, quick);

const header = (text: string, name: string): string =>
  new RegExp(`^${name}:[ \t]*(.*)$`, 'im').exec(text)?.[1]?.trim() ?? '';
const branch = (text: string): string => /;branch=([^;\s]+)/.exec(text)?.[1] ?? '';
const first = (texts: readonly string[], method: string): string => texts.find((text) => methodOf(text) === method)!;
const count = (texts: readonly string[], method: string): number =>
  texts.filter((text) => methodOf(text) === method).length;

describe('a call that is answered', () => {
  it('is acknowledged, held and hung up', async () => {
    const callee = await calleeOf(usual());
    const end = await call(callee.address);
    expect(end).toMatchObject({ how: 'answered', status: 200, phrase: 'OK', fault: '', reason: '' });
    expect(end.setUpMs).toBeGreaterThanOrEqual(end.firstResponseMs!);
    expect(callee.methods()).toEqual(['INVITE', 'ACK', 'BYE']);
    const [invite, ack, bye] = callee.received as [string, string, string];
    expect(invite).toMatch(/^INVITE sip:5551234@example\.test SIP\/2\.0\r\n/);
    for (const request of [invite, ack, bye]) expect(header(request, 'Resource-Priority')).toBe('ets.0');
    expect(invite).toContain('a=inactive');
    expect(header(invite, 'Content-Length')).toBe(String(invite.split('\r\n\r\n')[1]!.length));
    expect([header(ack, 'CSeq'), header(bye, 'CSeq')]).toEqual(['1 ACK', '2 BYE']);
    // RFC 3261 §17.1.1.3: the ACK of a 2xx is no part of the INVITE's transaction
    expect(new Set([branch(invite), branch(ack), branch(bye)]).size).toBe(3);
    for (const request of [ack, bye]) {
      expect(request).toMatch(/^\w+ sip:callee@callee\.test SIP/);
      expect(header(request, 'To')).toBe('<sip:5551234@example.test>;tag=callee');
    }
  });

  it('carries no Resource-Priority where none is wanted', async () => {
    const callee = await calleeOf(usual());
    await call(callee.address, { resourcePriority: undefined });
    expect(callee.received.join('')).not.toMatch(/resource-priority/i);
  });

  it('follows Record-Route, in reverse order', async () => {
    const routes = ['Record-Route: <sip:a.test;lr>, <sip:b.test;lr>', 'Record-Route: <sip:c.test;lr>'];
    const callee = await calleeOf(usual((invite) => [answer(invite, routes)]));
    await call(callee.address);
    const lines = first(callee.received, 'BYE').match(/^Route:.*$/gm);
    expect(lines?.map((line) => line.trim())).toEqual(['c', 'b', 'a'].map((one) => `Route: <sip:${one}.test;lr>`));
  });

  it('sends a lost INVITE again, and acknowledges a 200 each time that it comes', async () => {
    const callee = await calleeOf(
      usual((invite, nth) => (nth < 3 ? [] : [ringing(invite), answer(invite), answer(invite)])),
    );
    expect((await quickCall(callee.address)).how).toBe('answered');
    const invites = count(callee.received, 'INVITE');
    expect(invites).toBeGreaterThanOrEqual(3);
    expect(count(callee.received, 'ACK')).toBe(2 * (invites - 2));
    expect(new Set(callee.received.filter((text) => methodOf(text) === 'INVITE')).size).toBe(1);
  });

  it('sends a lost BYE again; without an answer, or with a refusal, it did not end well', async () => {
    const behave = (byes: Behaviour) => {
      const others = usual();
      return calleeOf((request, nth) => (methodOf(request) === 'BYE' ? byes(request, nth) : others(request, nth)));
    };
    const lossy = await behave((bye, nth) => (nth < 3 ? [] : [respond(bye, '200 OK')]));
    expect(await quickCall(lossy.address)).toMatchObject({ how: 'answered', fault: '' });
    expect(count(lossy.received, 'BYE')).toBeGreaterThanOrEqual(3);
    const deaf = await behave(() => []);
    expect(await quickCall(deaf.address)).toMatchObject({ how: 'answered', fault: 'no answer to BYE' });
    expect(count(deaf.received, 'BYE')).toBeGreaterThan(3);
    const unknown = await behave((bye) => [respond(bye, '481 Call Does Not Exist')]);
    expect((await call(unknown.address)).fault).toBe('BYE was answered 481');
  });

  it('is over when the other end hangs up', async () => {
    const others = usual();
    const callee = await calleeOf((request, nth) => {
      if (methodOf(request) !== 'ACK') return others(request, nth);
      const own = { from: header(request, 'To'), to: header(request, 'From'), id: header(request, 'Call-ID') };
      const via = 'Via: SIP/2.0/UDP callee.test;branch=z9hG4bKbye';
      const lines = [`From: ${own.from}`, `To: ${own.to}`, `Call-ID: ${own.id}`, 'CSeq: 7 BYE', 'Content-Length: 0'];
      return [`BYE sip:probe@example.test SIP/2.0\r\n${[via, ...lines].join('\r\n')}\r\n\r\n`];
    });
    expect(await call(callee.address, { holdMs: 60_000 })).toMatchObject({ how: 'answered', fault: '' });
    const reply = await callee.socket.next(/^SIP\/2\.0 200/);
    expect([header(reply, 'CSeq'), branch(reply)]).toEqual(['7 BYE', 'z9hG4bKbye']);
    expect(callee.methods()).not.toContain('BYE');
  });

  it('ends a second answer of a fork, and goes on with the first', async () => {
    const callee = await calleeOf(
      usual((invite) => [answer(invite), answer(invite).replace(';tag=callee', ';tag=other')]),
    );
    expect((await call(callee.address, { holdMs: 50 })).fault).toBe('');
    const tags = (method: string) =>
      callee.received.filter((text) => methodOf(text) === method).map((text) => header(text, 'To').split(';tag=')[1]);
    expect(tags('ACK')).toEqual(['callee', 'other']);
    expect(tags('BYE')).toEqual(['other', 'callee']);
    // RFC 3261 §8.1.1.7: each of the five requests has its own
    expect(new Set(callee.received.map(branch)).size).toBe(5);
  });

  it.each(['udp', 'tcp'])('at our test switch over %s', async (transport) => {
    const one = await startTestSwitch({ listen: [`${transport}:127.0.0.1:0`], answerMs: 10 });
    closers.push(() => one.close());
    expect(await call(one.addresses[0]!)).toMatchObject({ how: 'answered', fault: '' });
    expect(one.stats()).toMatchObject({ confirmed: 1, ended: 1, ackTimeouts: 0, openDialogs: 0 });
  });
});

describe('a call that is refused', () => {
  const headers = ['Retry-After: 17 (busy)', 'Reason: Q.850;cause=42;text="Surgegate share"'];

  it('tells what the refusal says, and acknowledges it each time that it comes', async () => {
    const refuse = (invite: string) => respond(invite, '503 Service Unavailable', headers);
    const callee = await calleeOf(usual((invite) => [refuse(invite), refuse(invite)]));
    expect(await call(callee.address)).toMatchObject({
      ...{ how: 'rejected', status: 503, phrase: 'Service Unavailable', retryAfterSeconds: 17, fault: '' },
      reason: 'Q.850;cause=42;text="Surgegate share"',
    });
    await waitFor('both ACKs', () => count(callee.received, 'ACK') === 2);
    const [invite, ack] = callee.received as [string, string];
    // RFC 3261 §17.1.1.3
    expect(branch(ack)).toBe(branch(invite));
    expect(ack).toMatch(/^ACK sip:5551234@example\.test SIP/);
    expect(header(ack, 'To')).toContain(';tag=callee');
  });

  it('takes no answer for its own that has another Call-ID or branch', async () => {
    const foreign = (invite: string) => [
      respond(invite, '486 Busy Here').replace(/^Call-ID: .*$/m, 'Call-ID: another'),
      respond(invite, '486 Busy Here').replace(/;branch=[^;\s]+/, ';branch=z9hG4bKanother'),
      'no SIP at all',
    ];
    const callee = await calleeOf(usual((invite) => [...foreign(invite), answer(invite)]));
    expect((await call(callee.address)).how).toBe('answered');
  });
});

describe('a call that nobody answers', () => {
  it('is cancelled where it rings', async () => {
    const callee = await calleeOf(usual((invite) => [ringing(invite)]));
    const end = await call(callee.address, { timeoutMs: 400 });
    expect(end).toMatchObject({ how: 'silent', status: 180 });
    expect(end.setUpMs).toBeUndefined();
    await waitFor('the ACK to 487', () => count(callee.received, 'ACK') === 1);
    expect(callee.methods()).toEqual(['INVITE', 'CANCEL', 'ACK']);
    const [invite, cancel, ack] = callee.received as [string, string, string];
    // RFC 3261 §9.1
    expect([branch(cancel), header(cancel, 'CSeq'), header(cancel, 'To')]).toEqual([
      branch(invite),
      '1 CANCEL',
      header(invite, 'To'),
    ]);
    expect(branch(ack)).toBe(branch(invite));
  });

  it('is not cancelled before anything came (RFC 3261 §9.1)', async () => {
    const callee = await calleeOf(() => []);
    const end = await quickCall(callee.address, { timeoutMs: 200 });
    expect(end).toMatchObject({ how: 'silent', status: 0, phrase: '' });
    expect(callee.methods().length).toBeGreaterThan(2);
    expect(new Set(callee.methods())).toEqual(new Set(['INVITE']));
  });

  it('is acknowledged and hung up where the answer crosses the CANCEL', async () => {
    let invite = '';
    const callee = await calleeOf((request) => {
      const method = methodOf(request);
      if (method === 'INVITE') {
        invite = request;
        return [ringing(invite)];
      }
      return method === 'CANCEL' ? [respond(request, '200 OK'), answer(invite)] : [respond(request, '200 OK')];
    });
    expect(await call(callee.address, { timeoutMs: 400 })).toMatchObject({ how: 'silent', fault: '' });
    expect(callee.methods()).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE']);
  });

  it('is given up where the CANCEL has no effect either', async () => {
    const callee = await calleeOf((request) => (methodOf(request) === 'INVITE' ? [ringing(request)] : []));
    expect((await quickCall(callee.address, { timeoutMs: 400 })).how).toBe('silent');
    expect(count(callee.received, 'CANCEL')).toBeGreaterThan(3);
  });
});

describe('the signal', () => {
  it('hangs up a call that is held', async () => {
    const ending = new AbortController();
    const callee = await calleeOf(usual());
    const placed = call(callee.address, { holdMs: 600_000 }, ending.signal);
    await callee.socket.next(/^ACK /);
    ending.abort();
    expect(await placed).toMatchObject({ how: 'answered', fault: '' });
    expect(callee.methods()).toEqual(['INVITE', 'ACK', 'BYE']);
  });

  it('cancels a call that rings', async () => {
    const ending = new AbortController();
    const callee = await calleeOf(
      usual((invite) => {
        setTimeout(() => ending.abort(), 400);
        return [ringing(invite)];
      }),
    );
    expect((await call(callee.address, {}, ending.signal)).how).toBe('interrupted');
    expect(count(callee.received, 'CANCEL')).toBe(1);
  });

  it('cancels a call that has not rung yet, as soon as it does', async () => {
    const ending = new AbortController();
    const callee = await calleeOf(
      usual((invite) => {
        ending.abort();
        return [respond(invite, '100 Trying')];
      }),
    );
    expect((await call(callee.address, {}, ending.signal)).how).toBe('interrupted');
    expect(count(callee.received, 'CANCEL')).toBe(1);
  });

  it('places none after it', async () => {
    const callee = await calleeOf(usual());
    expect((await call(callee.address, {}, AbortSignal.abort())).how).toBe('interrupted');
    expect((await call(callee.address)).how).toBe('answered');
    expect(count(callee.received, 'INVITE')).toBe(1);
  });
});

describe('a way that does not lead there', () => {
  it.each(['udp', 'tcp', 'tls'])('is said in words: %s', async (transport) => {
    const callee = await datagramCallee(() => []);
    callee.close();
    const end = await call(`${transport}:${callee.address.slice(4)}`);
    expect(end).toMatchObject({ how: 'lost', status: 0, fault: 'nobody listens there' });
  });

  it('and a connection that is cut, or carries no SIP', async () => {
    const heard = { cut: '', other: '' };
    const listen = async (name: keyof typeof heard, reply: string) => {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.on('data', (bytes) => {
          heard[name] += bytes.toString();
          socket.end(reply);
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(() => void server.close());
      const address = server.address();
      return `tcp:127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    };
    const cut = await call(await listen('cut', ''));
    expect(cut).toMatchObject({ how: 'lost', fault: 'it closed the connection' });
    const other = await call(await listen('other', 'HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(other.fault).toMatch(/^it sends no SIP/);
    for (const text of Object.values(heard)) expect(text).toMatch(/^INVITE /);
  });
});
