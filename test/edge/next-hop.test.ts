import { describe, expect, it } from 'vitest';
import { isInOwnDialog, nextHop } from '../../src/edge/next-hop.ts';
import { KnownTargets } from '../../src/edge/targets.ts';
import { flowToken } from '../../src/forward/flow-token.ts';
import { Writer } from '../../src/sip/writer.ts';
import type { FakeFlow } from './fake-transports.ts';
import { flow, type Given, mark, marks, peeked, routing, transports } from './routing.ts';

const alice = flow('south', '198.51.100.7');
const carrier = flow('east', '203.0.113.9');
const sw = flow('core', '10.0.1.1');

function hop(from: FakeFlow, given: Given, parts = routing) {
  const p = peeked(given);
  const found = nextHop(p, from, parts);
  if (found.kind === 'wait') return `wait ${found.host}`;
  if (found.kind === 'fault') return `${found.status} ${found.reason}`;
  const w = new Writer(new Uint8Array(4096));
  found.edits.write(w, p.bytes, p.headersStart, p.bodyStart);
  const head = Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');
  const routes = head.split('\r\n').filter((line) => line.startsWith('Route:'));
  return {
    to: found.kind === 'switch' ? 'switch' : (found.flow as FakeFlow).text,
    ...(found.uri === undefined ? {} : { uri: found.uri }),
    ...(routes.length === 0 ? {} : { routes }),
  };
}

const south = `<sip:${mark}@192.0.2.1:5060;lr>`;
const east = `<sip:${mark}@192.0.2.2:5060;lr>`;
const core = `<sip:${mark}@10.0.0.1:5050;lr>`;
const token = (of: FakeFlow) => flowToken(marks, of);
const southTo = (of: FakeFlow) => `<sip:${mark}.${token(of)}@192.0.2.1:5060;lr>`;
const forged = '<sip:c00000000@192.0.2.1:5060;lr>';

describe('from outside', () => {
  it('without a route, or with one to us, to a switch', () => {
    expect(hop(alice, {})).toEqual({ to: 'switch' });
    expect(hop(alice, { routes: ['<sip:192.0.2.1;lr>'] })).toEqual({ to: 'switch' });
    expect(hop(alice, { uri: 'sip:bob@192.0.2.1' })).toEqual({ to: 'switch' });
    expect(hop(alice, { uri: 'tel:+15551230000' })).toEqual({ to: 'switch' });
    expect(hop(alice, { uri: 'urn:service:sos' })).toEqual({ to: 'switch' });
  });
  it('not where it wants to without proof: neither by Route nor by Request-URI', () => {
    expect(hop(alice, { uri: 'sip:bob@203.0.113.9' })).toEqual({ to: 'switch' });
    expect(hop(alice, { routes: ['<sip:203.0.113.9;lr>'] })).toEqual({
      to: 'switch',
      routes: ['Route: <sip:203.0.113.9;lr>'],
    });
    expect(hop(alice, { routes: [forged, '<sip:203.0.113.9;lr>'], toTag: 'b' })).toEqual({
      to: 'switch',
      routes: ['Route: <sip:203.0.113.9;lr>'],
    });
    expect(hop(alice, { routes: [`<sip:${token(carrier)}@10.0.0.1:5050;lr>`] })).toEqual({ to: 'switch' });
  });
  it('in a proven dialog along the route set, else to the Request-URI, from the side that the Record-Route names', () => {
    expect(
      hop(alice, { method: 'BYE', toTag: 'b', uri: 'sip:sw@10.0.1.1:5080', routes: [`${south},${core}`] }),
    ).toEqual({ to: 'core udp 10.0.1.1:5080' });
    expect(
      hop(alice, { method: 'BYE', toTag: 'b', uri: 'sip:x@10.9.9.9', routes: [south, core, '<sip:10.0.1.2;lr>'] }),
    ).toEqual({
      to: 'core udp 10.0.1.2:5060',
      routes: ['Route: <sip:10.0.1.2;lr>'],
    });
    expect(
      hop(alice, { method: 'ACK', toTag: 'b', uri: 'sip:sw@10.0.1.1;transport=tcp', routes: [south, core] }),
    ).toEqual({ to: 'core tcp 10.0.1.1:5060' });
  });
  it('to a switch where the far end is us', () => {
    expect(hop(alice, { method: 'BYE', toTag: 'b', uri: 'sip:192.0.2.1', routes: [south, core] })).toEqual({
      to: 'switch',
    });
  });
  it('400 for a Route that is none', () => {
    for (const route of ['nonsense', '<sip:x', '<sip:192.0.2.1;lr>,'])
      expect(hop(alice, { routes: [route] })).toBe('400 malformed');
  });
  it('to the switch side only where its networks allow', () => {
    const blocks = { ...routing, known: new KnownTargets(), coreNetworks: routing.networks.map(({ block }) => block) };
    expect(hop(alice, { method: 'BYE', toTag: 'b', uri: 'sip:x@10.0.1.1', routes: [south, core] }, blocks)).toBe(
      '404 no-route',
    );
    expect(
      hop(alice, { method: 'BYE', toTag: 'b', uri: 'sip:x@203.0.113.7', routes: [south, core] }, blocks),
    ).toMatchObject({ to: 'core udp 203.0.113.7:5060' });
  });
});

describe('nobody can aim us at ourselves', () => {
  const target = (uri: string) =>
    hop(alice, { method: 'INFO', toTag: 'b', uri: 'sip:x@10.0.1.1', routes: [south, core, uri] });
  it.each([
    '<sip:x@anything:5050;maddr=10.0.0.1;lr>',
    '<sip:evil.example:5050;lr>',
    '<sip:x@[::ffff:10.0.0.1]:5050;lr>',
    '<sip:x@0.0.0.0:5050;lr>',
  ])('by %s', (uri) => {
    expect(target(uri)).toBe('404 no-route');
  });
  it('not a switch either', () => {
    expect(hop(sw, { uri: 'sip:x@evil.example' })).toBe('404 no-route');
    expect(hop(sw, { uri: 'sip:x@192.0.2.1' })).toBe('404 no-route');
  });
});

describe('from a switch', () => {
  it('over the flow that a Path token names (RFC 3327, RFC 5626)', () => {
    const phone = transports.connect(transports.listeners[1]!, '198.51.100.30', 41_000);
    const path = `<sip:${token(phone)}@10.0.0.1:5050;lr>`;
    expect(hop(sw, { uri: 'sip:bob@192.168.1.5', routes: [path] })).toEqual({ to: phone.text });
    expect(hop(sw, { uri: 'sip:bob@192.168.1.5', routes: [`${path}, <sip:behind;lr>`] })).toEqual({
      to: phone.text,
      routes: ['Route: <sip:behind;lr>'],
    });
    transports.close(phone);
    expect(hop(sw, { routes: [path] })).toBe('430 flow-failed');
  });
  it('430 for a token that is altered', () => {
    const bad = token(alice).replace(/.$/, (c) => (c === '0' ? '1' : '0'));
    expect(hop(sw, { routes: [`<sip:${bad}@10.0.0.1:5050;lr>`] })).toBe('430 flow-failed');
  });
  it('by Request-URI, from the interface whose network it is in, else the default one', () => {
    expect(hop(sw, { uri: 'sip:x@203.0.113.7' })).toEqual({ to: 'east udp 203.0.113.7:5060' });
    expect(hop(sw, { uri: 'sip:x@203.0.113.7:5099' })).toEqual({ to: 'east udp 203.0.113.7:5099' });
    expect(hop(sw, { uri: 'sip:x@198.51.100.8' })).toEqual({ to: 'south udp 198.51.100.8:5060' });
    expect(hop(sw, { uri: 'sip:x@[2001:db8:5::9]:5062' })).toEqual({ to: 'south udp 2001:db8:5::9:5062' });
  });
  it('by Route before Request-URI, its own outbound-proxy Route to us not counted', () => {
    expect(hop(sw, { uri: 'sip:x@198.51.100.8', routes: ['<sip:10.0.0.1:5050;lr>, <sip:203.0.113.7;lr>'] })).toEqual({
      to: 'east udp 203.0.113.7:5060',
      routes: ['Route: <sip:203.0.113.7;lr>'],
    });
    expect(hop(sw, { uri: 'sip:x@203.0.113.7', routes: ['<sip:10.0.0.1:5050;lr>'] })).toEqual({
      to: 'east udp 203.0.113.7:5060',
    });
  });
  it('by maddr, transport, and the transport of sips', () => {
    expect(hop(sw, { uri: 'sip:x@pending.example;maddr=203.0.113.8' })).toEqual({ to: 'east udp 203.0.113.8:5060' });
    expect(hop(sw, { uri: 'sip:x@198.51.100.8;transport=tcp' })).toEqual({ to: 'south tcp 198.51.100.8:5060' });
    expect(hop(sw, { uri: 'sips:x@203.0.113.8' })).toEqual({ to: 'east tls 203.0.113.8:5061' });
    expect(hop(sw, { uri: 'sips:x@203.0.113.8;transport=udp' })).toEqual({ to: 'east tls 203.0.113.8:5061' });
  });
  it('404 where nothing leads', () => {
    expect(hop(sw, { uri: 'tel:+15551230000' })).toBe('404 no-route');
    expect(hop(sw, { uri: 'urn:service:sos' })).toBe('404 no-route');
    expect(hop(sw, { uri: 'sips:x@198.51.100.8' })).toBe('404 no-route');
    expect(hop(sw, { uri: 'sip:x@203.0.113.7;transport=tcp' })).toBe('404 no-route');
    expect(hop(sw, { uri: 'sip:x@[2001:db8:e::9]' })).toBe('404 no-route');
    expect(hop(sw, { uri: 'sip:x@failed.example' })).toBe('404 no-route');
  });
  it('waits for a name, and goes where it leads', () => {
    expect(hop(sw, { uri: 'sip:x@pending.example' })).toBe('wait pending.example');
    expect(hop(sw, { uri: 'sip:x@10.0.0.1', routes: ['<sip:pending.example;lr>'] })).toBe('wait pending.example');
    expect(hop(sw, { uri: 'sip:x@known.example' })).toEqual({ to: 'east udp 203.0.113.50:5070' });
    expect(hop(sw, { uri: 'sip:x@known.example:5099' })).toEqual({ to: 'east udp 203.0.113.50:5099' });
  });
  it('400 for a Request-URI that is none', () => {
    expect(hop(sw, { uri: 'sip:' })).toBe('400 malformed');
  });
});

describe('double Record-Route (RFC 5658)', () => {
  const phone = transports.connect(transports.listeners[1]!, '198.51.100.31', 41_001);
  it('both of ours go, in one line or two', () => {
    for (const routes of [[`${core}, ${east}`], [core, east]])
      expect(hop(sw, { method: 'BYE', toTag: 'b', uri: 'sip:x@198.51.100.8', routes })).toEqual({
        to: 'east udp 198.51.100.8:5060',
      });
  });
  it('the second one’s flow leads to a client on a connection', () => {
    expect(hop(sw, { method: 'BYE', toTag: 'b', uri: 'sip:x@192.168.1.5', routes: [core, southTo(phone)] })).toEqual({
      to: phone.text,
    });
  });
  it('the flow of the caller itself, met first on its way in, is not where it goes', () => {
    expect(hop(phone, { method: 'BYE', toTag: 'b', uri: 'sip:sw@10.0.1.1', routes: [southTo(phone), core] })).toEqual({
      to: 'core udp 10.0.1.1:5060',
    });
  });
  it('four of ours, a call out through a switch that did not stay in the way: to the last one’s side', () => {
    const bob = flow('south', '198.51.100.9', 40_009);
    const routes = [`${southTo(phone)}, ${core}`, `${core}, ${southTo(bob)}`];
    expect(hop(phone, { method: 'BYE', toTag: 'b', uri: 'sip:bob@192.168.1.9', routes })).toEqual({ to: bob.text });
    expect(
      hop(bob, {
        method: 'BYE',
        toTag: 'b',
        uri: 'sip:a@192.168.1.5',
        routes: [southTo(bob), core, core, southTo(phone)],
      }),
    ).toEqual({ to: phone.text });
    expect(
      hop(phone, { method: 'BYE', toTag: 'b', uri: 'sip:c@203.0.113.9', routes: [southTo(phone), core, core, east] }),
    ).toEqual({ to: carrier.text });
  });
  it('four of ours with the switch between them: to the switch', () => {
    const routes = [southTo(phone), core, '<sip:10.0.1.1;lr;ftag=a1>', core, east];
    expect(hop(phone, { method: 'BYE', toTag: 'b', uri: 'sip:c@203.0.113.9', routes })).toEqual({
      to: 'core udp 10.0.1.1:5060',
      routes: ['Route: <sip:10.0.1.1;lr;ftag=a1>', `Route: ${core}`, `Route: ${east}`],
    });
  });
});

describe('strict routing', () => {
  const bye = { method: 'BYE', toTag: 'b' };
  const uri = (route: string) => route.slice(1, -1);
  it('before us: our URI is the Request-URI, the target stands last in Route (RFC 3261 §16.4)', () => {
    const to = 'core udp 10.0.1.1:5060';
    expect(hop(alice, { ...bye, uri: uri(core), routes: ['<sip:sw@10.0.1.1>'] })).toEqual({
      to,
      uri: 'sip:sw@10.0.1.1',
    });
    // both of our Record-Routes: the first in the Request-URI, the second in Route
    expect(hop(alice, { ...bye, uri: uri(south), routes: [`${core}, <sip:sw@10.0.1.1>`] })).toEqual({
      to,
      uri: 'sip:sw@10.0.1.1',
    });
    expect(hop(alice, { ...bye, uri: uri(south), routes: [core, '<sip:sw@10.0.1.1>'] })).toEqual({
      to,
      uri: 'sip:sw@10.0.1.1',
    });
    expect(
      hop(alice, { ...bye, uri: uri(south), routes: [`${core},<sip:10.0.1.2;lr>`, '<sip:a;lr>, <sip:sw@10.0.1.1>'] }),
    ).toEqual({
      to: 'core udp 10.0.1.2:5060',
      uri: 'sip:sw@10.0.1.1',
      routes: ['Route: <sip:10.0.1.2;lr>, <sip:a;lr>'],
    });
    expect(hop(alice, { ...bye, uri: uri(south) })).toBe('400 malformed');
  });
  it('behind us: the next one gets its own URI, and the target goes last (§16.6 step 6)', () => {
    expect(
      hop(alice, { ...bye, uri: 'sip:sw@10.0.1.9', routes: [`${south}, ${core}, <sip:10.0.1.2>, <sip:b;lr>`] }),
    ).toEqual({
      to: 'core udp 10.0.1.2:5060',
      uri: 'sip:10.0.1.2',
      routes: ['Route: <sip:b;lr>, <sip:sw@10.0.1.9>'],
    });
    expect(hop(sw, { ...bye, uri: 'sip:c@192.168.0.1', routes: [core, east, '<sip:203.0.113.7>'] })).toEqual({
      to: 'east udp 203.0.113.7:5060',
      uri: 'sip:203.0.113.7',
      routes: ['Route: <sip:c@192.168.0.1>'],
    });
  });
  it('on both sides', () => {
    expect(hop(alice, { ...bye, uri: uri(south), routes: [core, '<sip:10.0.1.2>', '<sip:sw@10.0.1.9>'] })).toEqual({
      to: 'core udp 10.0.1.2:5060',
      uri: 'sip:10.0.1.2',
      routes: ['Route: <sip:sw@10.0.1.9>'],
    });
  });
});

describe('whether a request is of a dialog that was set up through here', () => {
  it.each<[string, Given, boolean]>([
    ['a Route with its mark', { routes: [south] }, true],
    ['a Route with its mark and a flow', { routes: [southTo(alice)] }, true],
    ['the second Route', { routes: [forged, core] }, true],
    ['a strict router’s Request-URI', { uri: `sip:${mark}@192.0.2.1:5060;lr`, routes: ['<sip:x>'] }, true],
    ['no Route', {}, false],
    ['a Route of ours without it', { routes: ['<sip:192.0.2.1;lr>'] }, false],
    ['a forged one', { routes: [forged] }, false],
    ['a Route of another host with it', { routes: [`<sip:${mark}@198.51.100.7;lr>`] }, false],
    ['a mark behind another’s Route', { routes: ['<sip:x;lr>', south] }, false],
  ])('%s', (_, given, expected) => {
    expect(isInOwnDialog(peeked({ toTag: 'b', ...given }), routing)).toBe(expected);
  });
});
