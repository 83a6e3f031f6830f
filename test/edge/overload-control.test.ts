// RFC 7339 and RFC 7415 through the whole edge: what neighbours that take part are told, and what switches tell us.
import { describe, expect, it } from 'vitest';
import type { InterfaceThrottle, OcFeedback } from '../../src/control/throttle.ts';
import { takeSample } from '../../src/edge/sampler.ts';
import { World } from './harness.ts';
import { type Message, request, response, sameTransaction } from './message.ts';
import { PlacedCall } from './placed-call.ts';
import { type EdgeOptions, switchAt } from './settings.ts';

const host = { loopUtilisation: 0, loopDelayMs: 0, memoryRatio: 0 };
const sampleOf = (world: World) => takeSample(world.parts, { host, kernel: new Map() }, world.nowMs, 100);
const told: OcFeedback = { algorithm: 'loss', value: 40, validityMs: 500, sequence: '1763.00001' };
const toldText = ';oc=40;oc-algo="loss";oc-validity=500;oc-seq=1763.00001';
const offer = ';oc;oc-algo="loss,rate"';

function east(world: World, perSecond = Number.POSITIVE_INFINITY, oc: OcFeedback | undefined = told) {
  const scan = { intervalMs: 0, batch: 0, newestFirst: false, room: 0 };
  const neighbours = [{ name: '', newCallsPerSecond: Number.POSITIVE_INFINITY, isServed: false, oc }];
  const one: InterfaceThrottle = { name: 'east', newCallsPerSecond: perSecond, neighbours, scan, pauseReadsMs: 0 };
  world.throttle({ interfaces: [one] });
}

function peer(options: EdgeOptions = {}) {
  const world = new World({ interfaces: { east: { pushback: 'oc' } }, ...options });
  east(world);
  return { world, carrier: world.flow('east', '203.0.113.7') };
}

const topVia = (message: Message) => message.all('Via')[0]!;

describe('as a server (RFC 7339 §5)', () => {
  it('a client that takes part finds our value in its Via, in every response', () => {
    const { world, carrier } = peer();
    const call = new PlacedCall(world, carrier, { viaParams: offer });
    const responses = [call.provisional, ...call.answer(180), ...call.answer(200)];
    for (const one of responses) {
      expect(topVia(one)).toMatch(/^SIP\/2\.0\/UDP 203\.0\.113\.7:5060;/);
      expect(topVia(one).endsWith(toldText)).toBe(true);
      expect(topVia(one)).not.toMatch(/;oc[;,]|loss,rate/);
      expect(one.all('Via')).toHaveLength(1);
    }
    expect(responses.map((m) => m.status)).toEqual([100, 180, 200]);
  });

  it('§5.1: the first response has a value, before the loop has made one', () => {
    const world = new World({ interfaces: { east: { pushback: 'oc' } } });
    const call = new PlacedCall(world, world.flow('east', '203.0.113.7'), { viaParams: offer });
    for (const one of [call.provisional, ...call.answer(180)])
      expect(topVia(one)).toMatch(/;oc=0;oc-algo="rate";oc-validity=0;oc-seq=\d+\.\d{5}$/);
  });

  it('in shadow mode nobody is told to send less', () => {
    const { world, carrier } = peer({ interfaces: { east: { pushback: 'oc' } }, rest: { mode: 'shadow' } });
    const call = new PlacedCall(world, carrier, { viaParams: offer });
    for (const one of [call.provisional, ...call.answer(200)])
      expect(topVia(one)).toMatch(/;oc=0;oc-algo="loss";oc-validity=0;oc-seq=\d+\.\d{5}$/);
  });

  it('ACK and CANCEL are no requests that it could have held back', () => {
    const { world, carrier } = peer();
    const call = new PlacedCall(world, carrier, { viaParams: offer });
    const [ok] = call.answer(200);
    world.receive(
      carrier,
      request({
        method: 'ACK',
        viaParams: offer,
        toTag: ok!.toTag!,
        routes: ok!.all('Record-Route').reverse(),
        uri: 'sip:bob@10.0.1.1',
        callId: ok!.one('Call-ID')!,
      }),
    );
    expect(world.takeSwitch().message.method).toBe('ACK');
    const [anyone] = sampleOf(world).interfaces.find(({ name }) => name === 'east')!.neighbours;
    expect(anyone).toMatchObject({ newCalls: 1, otherRequests: 0 });
  });

  it('also in a refusal, which is a plain 503 (§5.10.2)', () => {
    const { world, carrier } = peer();
    east(world, 0);
    for (let k = 0; k < 2; k++) world.receive(carrier, request());
    world.take();
    world.receive(carrier, request({ viaParams: offer }));
    const answer = world.only(carrier);
    expect([answer.status, answer.one('Retry-After')]).toEqual([503, undefined]);
    expect(topVia(answer).endsWith(toldText)).toBe(true);
  });

  it('a client that does not take part finds nothing; nor does one on an interface that pushes back otherwise', () => {
    const { world, carrier } = peer();
    const call = new PlacedCall(world, carrier);
    expect([call.provisional, ...call.answer(200)].map((m) => topVia(m).includes('oc='))).toEqual([false, false]);
    const other = new PlacedCall(world, world.flow('south', '198.51.100.7'), { viaParams: offer });
    expect(topVia(other.provisional)).not.toContain('oc=');
  });

  it('§5.6: its offer is taken out before the request goes on; nothing else of its Via', () => {
    const { world, carrier } = peer();
    const call = new PlacedCall(world, carrier, { viaParams: `${offer};rport;ext=1`, branch: 'z9hG4bKoffer' });
    expect(call.sent.all('Via')[1]).toBe(
      'SIP/2.0/UDP 203.0.113.7:5060;branch=z9hG4bKoffer;rport=5060;ext=1;received=203.0.113.7',
    );
  });

  it('§5.6: so is one that is not taken up', () => {
    const { world } = peer();
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'), { viaParams: offer });
    expect(call.sent.all('Via')[1]).not.toContain('oc');
  });

  it('the sample says what was offered, the least of several, and by how many', () => {
    const { world, carrier } = peer();
    world.receive(carrier, request({ viaParams: offer }));
    world.receive(world.flow('east', '203.0.113.8'), request({ viaParams: ';oc;oc-algo="loss"' }));
    const [anyone] = sampleOf(world).interfaces.find(({ name }) => name === 'east')!.neighbours;
    expect(anyone).toMatchObject({ ocOffers: 'loss', ocElements: 2, newCalls: 2 });
  });

  it('a response to a request of which nothing is kept says it by who its receiver is', () => {
    const { world, carrier } = peer();
    const call = new PlacedCall(world, carrier, { viaParams: offer });
    const [ok] = call.answer(200);
    world.receive(carrier, sameTransaction(call.invite, 'ACK', ok!));
    world.take();
    const toTag = ok!.toTag!;
    const routes = ok!.all('Record-Route').reverse();
    world.receive(
      carrier,
      request({ method: 'BYE', viaParams: offer, toTag, routes, uri: 'sip:bob@10.0.1.1', callId: ok!.one('Call-ID')! }),
    );
    const { flow, message } = world.takeSwitch();
    expect(message.all('Via')[1]).not.toContain('oc');
    world.receive(flow, response(message, 200));
    expect(topVia(world.only(carrier)).endsWith(toldText)).toBe(true);
  });
});

describe('as a client (RFC 7339 §5)', () => {
  const options = { switches: [{ ...switchAt(1), oc: 'loss,rate' }] };
  const ocOf = (world: World) => sampleOf(world).switches[0]!.oc;

  function answered(via: string, given: EdgeOptions = options) {
    const world = new World(given);
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
    const sentVia = topVia(call.sent);
    call.answer(100, { vias: [sentVia.replace(/;oc.*$/, '') + via, ...call.sent.all('Via').slice(1)] });
    return { world, call, sentVia };
  }

  it('§4.1: a switch that is to be asked is offered it in our Via, the others are not', () => {
    const { sentVia } = answered('');
    expect(sentVia.endsWith(';oc;oc-algo="loss,rate"')).toBe(true);
    expect(answered('', {}).sentVia).not.toContain('oc');
  });

  it('its value is believed while it is valid', () => {
    const { world } = answered(';oc=25;oc-algo="loss";oc-validity=300;oc-seq=10.00001');
    expect(ocOf(world)).toEqual({ algorithm: 'loss', percent: 25 });
    world.pass(290);
    expect(ocOf(world)).toBeDefined();
    world.pass(20);
    expect(ocOf(world)).toBeUndefined();
  });

  it('RFC 7415: a rate', () => {
    const { world } = answered(';oc=15;oc-algo="rate";oc-validity=300;oc-seq=10.00001');
    expect(ocOf(world)).toEqual({ algorithm: 'rate', perSecond: 15 });
  });

  it('from one that was not offered it, it is not', () => {
    const { world } = answered(';oc=25;oc-algo="loss";oc-validity=300;oc-seq=10.00001', {});
    expect(ocOf(world)).toBeUndefined();
  });

  it('what it says never goes further upstream', () => {
    const { world, call, sentVia } = answered('');
    const vias = [`${sentVia.replace(/;oc.*$/, '')};oc=25;oc-seq=11.00001`, ...call.sent.all('Via').slice(1)];
    const [ringing] = call.answer(180, { vias });
    expect(ringing!.text).not.toContain('oc=');
    expect(ocOf(world)).toEqual({ algorithm: 'loss', percent: 25 });
  });
});
