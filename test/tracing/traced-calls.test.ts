// Which calls are traced: the share that was configured, by count; so many in a second; those of a sender that is believed.
import { describe, expect, it } from 'vitest';
import { request } from '../edge/message.ts';
import { PlacedCall } from '../edge/placed-call.ts';
import { rules, tracedWorld } from './traced-world.ts';

const priority = ['Resource-Priority: wps.0'];

/** How many of `n` calls are traced. */
function tracedOf(n: number, given: object, headers: readonly string[] = []): number {
  const { world, calls } = tracedWorld({ interfaces: { east: { trust: { resourcePriority: true } } } }, given);
  const east = world.flow('east', '203.0.113.7');
  for (let k = 0; k < n; k++) {
    world.receive(east, request({ headers }));
    world.take();
  }
  expect(world.count({ decision: 'forward' })).toBe(n);
  return calls.traced;
}

describe('the share that is traced', () => {
  it('is that of configuration: of 4,000 ordinary calls one in ten, within five standard deviations', () => {
    const expected = 400;
    const deviation = Math.sqrt(4000 * 0.1 * 0.9);
    expect(Math.abs(tracedOf(4000, { ratio: 0.1 }) - expected)).toBeLessThan(5 * deviation);
  });

  it('none at 0, all at 1; ordinary and priority calls each by their own', () => {
    expect(tracedOf(200, { ratio: 0 })).toBe(0);
    expect(tracedOf(200, { ratio: 1 })).toBe(200);
    expect(tracedOf(200, { ratio: 0, priorityRatio: 1 }, priority)).toBe(200);
    expect(tracedOf(200, { ratio: 1, priorityRatio: 0 }, priority)).toBe(0);
  });

  it('refused calls have no trace, and are not asked about', () => {
    const admission = { newCallsPerSecond: 1, burst: 1 };
    const { world, calls } = tracedWorld({ admission });
    const alice = world.flow('south', '198.51.100.7');
    for (let k = 0; k < 50; k++) world.receive(alice, request());
    expect(world.count({ decision: 'reject' })).toBe(49);
    expect(calls.traced).toBe(1);
  });

  it('a retransmission is no second trace', () => {
    const { world, calls } = tracedWorld();
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
    world.receive(call.caller, call.invite);
    expect(calls.traced).toBe(1);
  });

  it('a reload changes it', () => {
    const { world, calls } = tracedWorld({}, { ratio: 0 });
    const alice = world.flow('south', '198.51.100.7');
    world.receive(alice, request());
    calls.change(rules({ ratio: 1 }));
    world.receive(alice, request());
    expect(calls.traced).toBe(1);
  });
});

describe('calls traced in a second', () => {
  it('are bounded; those beyond are counted; the next second begins anew', () => {
    const { world, calls } = tracedWorld({}, { callsPerSecond: 10 });
    const place = (headers: readonly string[] = []) => {
      world.receive(world.flow('east', '203.0.113.7'), request({ headers }));
      world.take();
    };
    for (let k = 0; k < 30; k++) place();
    expect([calls.traced, calls.overLimit]).toEqual([8, 22]);
    // a fifth is left to those that matter most
    for (let k = 0; k < 5; k++) place(priority);
    expect([calls.traced, calls.overLimit]).toEqual([10, 25]);
    world.pass(1000);
    place();
    expect(calls.traced).toBe(11);
  });
});

const parent = '4bf92f3577b34da6a3ce929d0e0e4736';
const of = (flags: string, version = '00') => `traceparent: ${version}-${parent}-00f067aa0ba902b7-${flags}`;

describe('traceparent of a sender (W3C Trace Context)', () => {
  const neighbours = [{ name: 'carrier-a', addresses: ['203.0.113.0/28'] }];
  const options = { interfaces: { east: { neighbours } } };
  const place = (headers: readonly string[], given: object = {}, source = '203.0.113.7') => {
    const traced = tracedWorld(options, { ratio: 0, continueFrom: ['east/carrier-a'], ...given });
    const call = new PlacedCall(traced.world, traced.world.flow('east', source), { headers });
    call.answer(486);
    return { ...traced, call };
  };

  it('is gone on with where the sender is believed, whatever the ratio', () => {
    const { span } = place([of('01')]);
    expect(span('INVITE')).toMatchObject({
      traceId: parent,
      parentId: '00f067aa0ba902b7',
      attributes: { 'surgegate.sampled_by': 'traceparent', 'surgegate.neighbour': 'carrier-a' },
    });
  });

  it('says no as well: flags 00', () => expect(place([of('00')], { ratio: 1 }).spans()).toEqual([]));

  it('of anybody else is not looked at', () => {
    expect(place([of('01')], {}, '203.0.113.99').spans()).toEqual([]);
    const { span } = place([of('00')], { ratio: 1 }, '203.0.113.99');
    expect(span('INVITE').traceId).not.toBe(parent);
    expect(span('INVITE').attributes['surgegate.sampled_by']).toBe('ratio');
  });

  it.each([
    ['of version ff', [of('01', 'ff')]],
    ['of zeros', [of('01').replace(parent, '0'.repeat(32))]],
    ['with more than its version has', [`${of('01')}-00`]],
    ['in capitals', [of('01').replace('4bf9', '4BF9')]],
    ['twice', [of('01'), of('01')]],
    ['cut off', [of('01').slice(0, -1)]],
  ])('%s is none: the trace begins here', (_, headers) => {
    expect(place(headers).spans()).toEqual([]);
    expect(place(headers, { ratio: 1 }).span('INVITE').parentId).toBeUndefined();
  });

  it('of a later version counts, with what it has more', () =>
    expect(place([`${of('01', '01')}-x`]).span('INVITE').traceId).toBe(parent));

  it('of a call beyond `callsPerSecond` is not gone on with', () => {
    const { world, calls } = tracedWorld(options, { ratio: 0, continueFrom: ['east'], callsPerSecond: 5 });
    for (let k = 0; k < 20; k++) world.receive(world.flow('east', '203.0.113.7'), request({ headers: [of('01')] }));
    expect([calls.traced, calls.overLimit]).toEqual([4, 16]);
  });
});

describe('traceparent to the switch', () => {
  it('is not written unless it is asked for; what the sender wrote stays', () => {
    const { world } = tracedWorld();
    const headers = [of('01'), 'tracestate: a=b'];
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'), { headers });
    expect([call.sent.all('traceparent'), call.sent.all('tracestate')]).toEqual([[of('01').slice(13)], ['a=b']]);
  });

  it('with `propagate` names the span of its attempt, in place of a stranger’s', () => {
    const { world, spans } = tracedWorld({}, { propagate: true });
    const headers = [of('01'), 'tracestate: a=b'];
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'), { headers });
    call.answer(486);
    const [attempt] = spans();
    expect(call.sent.all('traceparent')).toEqual([`00-${attempt!.traceId}-${attempt!.spanId}-01`]);
    expect(call.sent.all('tracestate')).toEqual([]);
  });

  it('goes on with the trace of a sender that is believed, tracestate included, through a fail-over too', () => {
    const { world, spans } = tracedWorld({}, { propagate: true, continueFrom: ['south'] });
    const headers = [of('01'), 'tracestate: a=b', 'tracestate: c=d'];
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'), { headers });
    const first = call.sent.one('traceparent');
    call.answer(503);
    world.take(call.switch);
    call.toSwitch();
    call.answer(486);
    const attempts = spans().filter(({ kind }) => kind === 'CLIENT');
    expect([first, call.sent.one('traceparent')]).toEqual(attempts.map(({ spanId }) => `00-${parent}-${spanId}-01`));
    expect(call.sent.all('tracestate')).toEqual(['a=b,c=d']);
  });

  it('a call that is not traced is sent on as it came', () => {
    const { world } = tracedWorld({}, { propagate: true, ratio: 0 });
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'), { headers: [of('01')] });
    expect(call.sent.all('traceparent')).toEqual([of('01').slice(13)]);
  });
});
