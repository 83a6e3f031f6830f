import { describe, expect, it } from 'vitest';
import { type Outgoing, writeOutgoing } from '../../src/edge/outgoing.ts';
import type { EdgeParts } from '../../src/edge/parts.ts';
import { flowToken } from '../../src/forward/flow-token.ts';
import { Edits } from '../../src/sip/edits.ts';
import { Writer } from '../../src/sip/writer.ts';
import type { Flow } from '../../src/transport/flow.ts';
import { Message } from './message.ts';
import { flow, type Given, mark, marks, peeked, routing, transports } from './routing.ts';

const writer = new Writer(new Uint8Array(8192));
// all that is looked at
const parts = { marks, writer, policy: { accessInterface: 'south', routing } } as unknown as EdgeParts;

const alice = flow('south', '198.51.100.7');
const carrier = flow('east', '203.0.113.9');
const sw = flow('core', '10.0.1.1');
const swTcp = transports.connect(transports.listeners[6]!, '10.0.1.1', 5060);
const phone = transports.connect(transports.listeners[1]!, '198.51.100.30', 41_000);
const token = (of: Flow) => flowToken(marks, of);

function sent(arrival: Flow, next: Flow, given: Given = {}, out: Partial<Outgoing> = {}) {
  const p = peeked(given);
  const branchKey = writeOutgoing(parts, p, {
    arrival,
    next,
    byToken: false,
    edits: new Edits(),
    uri: undefined,
    rule: undefined,
    attempt: 0,
    stripPriority: false,
    insertPriority: '',
    stripOc: false,
    ocOffer: '',
    ...out,
  });
  const message = new Message(Buffer.from(writer.bytes.subarray(0, writer.at)).toString('latin1'));
  return { message, branchKey, branch: /branch=([^;]*)/.exec(message.all('Via')[0]!)![1]! };
}

describe('Via (RFC 3261 §16.6 step 8)', () => {
  it.each([
    [alice, sw, 'SIP/2.0/UDP 10.0.0.1:5050'],
    [alice, swTcp, 'SIP/2.0/TCP 10.0.0.1:5050'],
    [sw, carrier, 'SIP/2.0/UDP 192.0.2.2:5060'],
    [sw, flow('south', '2001:db8::7'), 'SIP/2.0/UDP [2001:db8::1]:5060'],
    [sw, transports.connect(transports.listeners[4]!, '203.0.113.9', 5061), 'SIP/2.0/TLS 192.0.2.2:5061'],
  ])('of %o: the listener that it leaves by, with a branch of the key that is returned', (arrival, next, via) => {
    const { message, branch, branchKey } = sent(arrival, next);
    expect(message.all('Via')[0]).toBe(`${via};branch=${branch}`);
    expect(message.all('Via')).toHaveLength(2);
    const own = marks.readBranch(Buffer.from(branch), 0, branch.length);
    expect(own).toMatchObject({ listenerId: arrival.listener.id, attempt: 0, key: branchKey });
  });
  it('tells attempts apart', () => {
    expect(sent(alice, sw, {}, { attempt: 1 }).branch).not.toBe(sent(alice, sw).branch);
  });
});

describe('Record-Route (§16.6 step 4, RFC 5658): first the side of the next hop, then that of the sender', () => {
  const core = `<sip:${mark}@10.0.0.1:5050;lr>`;
  const routes = (...given: Parameters<typeof sent>) => sent(...given).message.all('Record-Route');
  it('for a call in, and a call out', () => {
    expect(routes(alice, sw)).toEqual([core, `<sip:${mark}@192.0.2.1:5060;lr>`]);
    expect(routes(carrier, sw)).toEqual([core, `<sip:${mark}@192.0.2.2:5060;lr>`]);
    expect(routes(sw, carrier)).toEqual([`<sip:${mark}@192.0.2.2:5060;lr>`, core]);
    expect(routes(alice, swTcp)).toEqual([
      `<sip:${mark}@10.0.0.1:5050;transport=tcp;lr>`,
      `<sip:${mark}@192.0.2.1:5060;lr>`,
    ]);
  });
  it('once where it leaves by the listener that it came in by', () => {
    expect(routes(sw, flow('core', '10.0.1.2'))).toEqual([core]);
  });
  it('with the flow of a caller that only it leads back to (RFC 5626)', () => {
    expect(routes(phone, sw)).toEqual([core, `<sip:${mark}.${token(phone)}@192.0.2.1:5060;transport=tcp;lr>`]);
    expect(routes(alice, sw, { via: '192.168.1.7:5060;branch=z9hG4bK1' })).toEqual([
      core,
      `<sip:${mark}.${token(alice)}@192.0.2.1:5060;lr>`,
    ]);
    // a carrier is reached by its address, on whatever connection
    const stream = transports.connect(transports.listeners[4]!, '203.0.113.9', 40_000);
    expect(routes(stream, sw)[1]).toBe(`<sip:${mark}@192.0.2.2:5061;transport=tls;lr>`);
  });
  it('with the flow of the client that is called', () => {
    expect(routes(sw, phone)).toEqual([`<sip:${mark}.${token(phone)}@192.0.2.1:5060;transport=tcp;lr>`, core]);
    expect(routes(sw, alice, {}, { byToken: true })[0]).toBe(`<sip:${mark}.${token(alice)}@192.0.2.1:5060;lr>`);
    expect(routes(sw, alice)[0]).toBe(`<sip:${mark}@192.0.2.1:5060;lr>`);
  });
  it('for what begins a dialog alone', () => {
    for (const method of ['INVITE', 'SUBSCRIBE', 'REFER']) {
      expect(routes(alice, sw, { method })).toHaveLength(2);
      expect(routes(alice, sw, { method, toTag: 'b' })).toEqual([]);
    }
    for (const method of ['ACK', 'CANCEL', 'OPTIONS', 'MESSAGE', 'REGISTER', 'NOTIFY', 'PUBLISH'])
      expect(routes(alice, sw, { method })).toEqual([]);
  });
  it('above the Record-Route of those before us', () => {
    expect(routes(carrier, sw, { headers: ['Record-Route: <sip:before;lr>'] }).at(-1)).toBe('<sip:before;lr>');
  });
});

describe('Path (RFC 3327)', () => {
  it('leads a switch back over the flow of a registration, above the Path of those before us', () => {
    const given = { method: 'REGISTER', headers: ['Path: <sip:before;lr>'] };
    expect(sent(phone, sw, given).message.all('Path')).toEqual([
      `<sip:${token(phone)}@10.0.0.1:5050;lr>`,
      '<sip:before;lr>',
    ]);
    expect(sent(alice, swTcp, given).message.all('Path')[0]).toBe(
      `<sip:${token(alice)}@10.0.0.1:5050;transport=tcp;lr>`,
    );
  });
  it('stands in no other request, nor where a switch registers outwards', () => {
    expect(sent(phone, sw).message.all('Path')).toEqual([]);
    expect(sent(sw, carrier, { method: 'REGISTER' }).message.all('Path')).toEqual([]);
  });
});

describe('Resource-Priority and number', () => {
  it('puts in what the dial plan says, in place of what is not trusted', () => {
    const headers = ['Resource-Priority: esnet.4, ets.0'];
    expect(
      sent(alice, sw, { headers }, { stripPriority: true, insertPriority: 'wps.2' }).message.all('Resource-Priority'),
    ).toEqual(['wps.2']);
    expect(sent(alice, sw, { headers }).message.all('Resource-Priority')).toEqual(['esnet.4, ets.0']);
  });
  it('treats the number by the rule, after strict routing', () => {
    const rule = {
      name: 'x',
      class: 'ordinary',
      route: 'main',
      treatment: { strip: 1, prefix: '+1', replace: undefined },
      announce: '',
      insertResourcePriority: '',
      insertRank: 0,
      refuse: undefined,
    } as const;
    expect(sent(alice, sw, { uri: 'sip:95551230000@192.0.2.1' }, { rule }).message.uri).toBe(
      'sip:+15551230000@192.0.2.1',
    );
    expect(sent(alice, sw, {}, { rule, uri: 'sip:95551230001@sw' }).message.uri).toBe('sip:+15551230001@sw');
    expect(sent(alice, sw, {}, { rule: { ...rule, announce: 'sip:vacant@sw' } }).message.uri).toBe('sip:vacant@sw');
    expect(sent(alice, sw, {}, { rule: { ...rule, treatment: undefined } }).message.uri).toBe('sip:bob@example.com');
  });
});

it('is one hop less and reads as a message again', () => {
  const { message } = sent(alice, sw, { headers: ['Subject: \u00fc', 'Content-Length: 0'] });
  expect([message.one('Max-Forwards'), message.one('Subject'), message.one('Call-ID')]).toEqual(['69', '\u00fc', 'c1']);
});
