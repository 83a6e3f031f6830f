// The pipeline fed by a drachtio-server: what is refused, what is proxied and where to, who waits, who has given up.
import { describe, expect, it } from 'vitest';
import type { InterfaceThrottle } from '../../../src/control/throttle.ts';
import { request } from '../../edge/message.ts';
import { Asked, StackWorld } from './stack-world.ts';

const priority = ['Resource-Priority: ets.0'];

/** South may have so many calls a second, and two that may come at once. */
const south = (newCallsPerSecond: number): { interfaces: InterfaceThrottle[] } => ({
  interfaces: [
    {
      name: 'south',
      newCallsPerSecond,
      neighbours: [],
      scan: { intervalMs: 0, batch: 10, newestFirst: false, room: 4 },
      pauseReadsMs: 0,
    },
  ],
});

/** Limits that one call uses up. */
const one = { admission: { newCallsPerSecond: 1, burst: 1 } };

describe('a call', () => {
  it('that is admitted goes to a switch, with Record-Route and the deadlines of a call', () => {
    const world = new StackWorld();
    const asked = world.ask({ uri: 'sip:15551230000@192.0.2.1' });
    expect(asked.destinations).toEqual([expect.stringMatching(/^sip:15551230000@10\.0\.1\.[12]:5060;transport=udp$/)]);
    const { options } = asked;
    expect(options).toMatchObject({ recordRoute: true, provisionalTimeoutMs: 4000, fields: {} });
    expect(options!.deadlineMs).toBeGreaterThan(185_000);
    expect(world.decisions()).toEqual(['south INVITE new-call forward admitted']);
  });

  it('is refused by the pushback of its interface: 503 with Retry-After and the reason, once', () => {
    const world = new StackWorld(one);
    world.ask();
    const asked = world.ask();
    expect(asked.answers).toEqual([
      {
        status: 503,
        phrase: 'Service Unavailable',
        fields: { 'Retry-After': expect.stringMatching(/^\d+$/), Reason: 'Q.850;cause=42;text="Surgegate edge-rate"' },
      },
    ]);
    expect(world.count({ decision: 'reject', reason: 'edge-rate' })).toBe(1);
    expect(world.parts.refusals.read(9, () => true, Number.POSITIVE_INFINITY, 9).found).toMatchObject([
      { interface: 'south', reason: 'edge-rate', status: 503, source: expect.stringMatching(/^[\d.]+:\d+$/) },
    ]);
  });

  it.each(['oc', 'drop'] as const)(
    'where the pushback is %s, which a server cannot do, gets a plain 503',
    (pushback) => {
      const world = new StackWorld({ ...one, interfaces: { east: { pushback } } });
      const ask = () => world.ask({ side: 'east', viaParams: ';rport;oc;oc-algo="loss"', sentBy: '198.51.100.7:5060' });
      ask();
      const asked = ask();
      expect(asked.answers).toEqual([
        { status: 503, phrase: 'Service Unavailable', fields: { Reason: expect.anything() } },
      ]);
      expect(world.count({ decision: 'reject' })).toBe(1);
    },
  );

  it('with priority passes where an ordinary one is refused; so does an emergency call', () => {
    const world = new StackWorld(one);
    world.ask({ side: 'east' });
    expect(world.ask({ side: 'east' }).status).toBe(503);
    expect(world.ask({ side: 'east', headers: priority }).fate).toBe('proxied');
    expect(world.ask({ uri: 'sip:911@192.0.2.1' }).fate).toBe('proxied');
    expect(world.ask({ uri: 'urn:service:sos', to: 'urn:service:sos' }).fate).toBe('proxied');
    expect(world.count({ decision: 'forward', reason: 'emergency' })).toBe(2);
  });

  it('claims a priority in vain where it is not trusted', () => {
    const world = new StackWorld(one);
    world.ask();
    expect(world.ask({ headers: priority }).status).toBe(503);
    expect(world.parts.counters.strippedPriority[0]).toBe(1);
  });

  it('keeps waiting for its share, and is served; the next one expires after 200 ms', () => {
    const world = new StackWorld();
    world.throttle({ ...south(10), mode: 'L2' });
    const first = [world.ask(), world.ask()];
    const [third, fourth] = [world.ask(), world.ask()];
    expect([...first, third, fourth].map(({ fate }) => fate)).toEqual(['proxied', 'proxied', '', '']);
    world.pass(110);
    world.throttle({ ...south(0), mode: 'L2' });
    world.pass(220);
    expect([third.fate, fourth.fate]).toEqual(['proxied', '503']);
    expect(fourth.answers[0]!.fields.Reason).toContain('expired');
  });

  it('that waits and is given up is decided once, as cancelled, and is not proxied later', () => {
    const world = new StackWorld();
    world.throttle({ ...south(10), mode: 'L2' });
    const asked = [world.ask(), world.ask(), world.ask()][2]!;
    asked.cancel();
    world.pass(500);
    expect(asked.fate).toBe('487');
    expect(world.parts.lanes.length).toBe(0);
    expect(world.decisions()).toEqual([
      'south INVITE new-call forward admitted ×2',
      'south INVITE new-call reject cancelled',
      'south CANCEL in-dialog answer cancelled',
    ]);
  });

  it('is refused while draining, but with priority', () => {
    const world = new StackWorld();
    world.parts.isDraining = true;
    expect(world.ask({ side: 'east' }).answers[0]).toMatchObject({
      status: 503,
      fields: { Reason: expect.stringContaining('draining') },
    });
    expect(world.ask({ side: 'east', headers: priority }).fate).toBe('proxied');
  });

  it('passes in shadow mode, where it is only counted', () => {
    const world = new StackWorld({ ...one, rest: { mode: 'shadow' } });
    world.ask();
    expect(world.ask().fate).toBe('proxied');
    let shadowed = 0;
    world.parts.counters.shadowed.each((_labels, n) => {
      shadowed += n;
    });
    expect(shadowed).toBe(1);
  });

  it('is refused at nine tenths of the calls that may be open, and with priority at all of them', async () => {
    const world = new StackWorld({ rest: { limits: { transactions: 100 } } });
    const first = world.ask();
    for (let n = 1; n < 90; n++) world.ask();
    const refused = world.ask();
    expect(refused.answers[0]!.fields.Reason).toContain('transactions-full');
    expect(world.ask({ side: 'east', headers: priority }).fate).toBe('proxied');
    await first.done(200, '10.0.1.1:200');
    expect(world.calls.open).toBe(90);
  });

  it('to a gapped number is refused, and no other', () => {
    const world = new StackWorld();
    const limit = { kind: 'interval', intervalMs: Number.POSITIVE_INFINITY } as const;
    world.throttle({ gaps: [{ digits: '2125550100', limit, cause: 'operator', untilMs: world.nowMs + 1000 }] });
    expect(world.ask({ uri: 'sip:+12125550100@192.0.2.1' }).answers[0]?.fields.Reason).toContain('gap');
    expect(world.ask({ uri: 'sip:+12125550101@192.0.2.1' }).fate).toBe('proxied');
  });

  it('that came in where no interface listens gets 503, and the log says so', () => {
    const world = new StackWorld();
    const lost = new Asked(request(), '198.51.100.7', { host: '192.0.2.99', port: 5060 });
    world.stack.onRequest(lost);
    expect(lost.status).toBe(503);
    expect(world.logged).toEqual([expect.objectContaining({ level: 'error' })]);
    expect(world.count({})).toBe(0);
  });
});

describe('the dial plan', () => {
  const plan = `
name: test
otherwise: { route: default }
rules:
  - { name: outside line, match: "9XXXXX.", treatment: { strip: 1 } }
  - { name: worth more, match: "710.", class: priority, insertResourcePriority: ets.2 }
  - { name: other group, match: "8.", route: second }
  - { name: vacant, match: "7.", refuse: { status: 404, reason: Vacant Code } }
`;
  const switches = [
    { name: 'a', address: 'udp:10.0.1.1:5060' },
    { name: 'b', address: 'udp:10.0.1.2:5060', group: 'second' },
  ];
  const world = new StackWorld({ plan, switches });

  it('changes the number, routes, adds a priority, refuses', () => {
    expect(world.ask({ uri: 'sip:95551234;npdi@192.0.2.1;user=phone' }).destinations).toEqual([
      'sip:5551234;npdi@10.0.1.1:5060;user=phone;transport=udp',
    ]);
    expect(world.ask({ uri: 'sip:85551234@192.0.2.1' }).destinations).toEqual([
      'sip:85551234@10.0.1.2:5060;transport=udp',
    ]);
    const priorityCall = world.ask({ uri: 'sip:7105551234@192.0.2.1' });
    expect(priorityCall.options?.fields).toEqual({ 'Resource-Priority': 'ets.2' });
    expect(world.ask({ uri: 'sip:7005551234@192.0.2.1' }).answers).toEqual([
      { status: 404, phrase: 'Vacant Code', fields: {} },
    ]);
  });
});

describe('from the side of the switches', () => {
  it('a call goes by its Request-URI, whatever the limits', () => {
    const world = new StackWorld(one);
    world.ask();
    const asked = world.ask({ side: 'core', source: '10.0.1.1', uri: 'sip:bob@203.0.113.9:5070' });
    expect(asked.destinations).toEqual(['sip:bob@203.0.113.9:5070;transport=udp']);
    expect(world.count({ interface: 'core', decision: 'forward', reason: 'from-core' })).toBe(1);
  });

  it('nothing is sent back to an address of the server itself', () => {
    const world = new StackWorld();
    const asked = world.ask({ side: 'core', source: '10.0.1.1', uri: 'sip:bob@192.0.2.2:5060' });
    expect(asked.status).toBe(404);
  });
});

describe('other requests', () => {
  it('a REGISTER goes to a switch within its limit, without a Record-Route, of which the server would make a Path', () => {
    const world = new StackWorld({ admission: { registrationsPerSecond: 1, registrationBurst: 1 } });
    const asked = world.ask({ method: 'REGISTER', uri: 'sip:192.0.2.1', to: 'sip:alice@192.0.2.1' });
    expect(asked.destinations).toEqual([expect.stringMatching(/^sip:10\.0\.1\.\d:5060;transport=udp$/)]);
    expect(asked.options?.recordRoute).toBe(false);
    expect(world.ask({ method: 'REGISTER' }).status).toBe(503);
    expect(world.count({ class: 'registration', reason: 'registration-rate' })).toBe(1);
  });

  it('an OPTIONS to the server is answered, with what we allow', () => {
    const world = new StackWorld();
    const asked = world.ask({ method: 'OPTIONS', uri: 'sip:192.0.2.1' });
    expect(asked.answers).toEqual([
      { status: 200, phrase: 'OK', fields: { Allow: expect.stringContaining('INVITE'), Accept: 'application/sdp' } },
    ]);
  });

  it('one in a dialog that the server does not know passes if it ends load, and is non-essential else', () => {
    const world = new StackWorld({ admission: { nonEssentialPerSecond: 1, nonEssentialBurst: 1 } });
    expect(world.ask({ method: 'BYE', toTag: 'x' }).fate).toBe('proxied');
    expect(world.ask({ method: 'INFO', toTag: 'x' }).fate).toBe('proxied');
    expect(world.ask({ method: 'INFO', toTag: 'x' }).fate).toBe('503');
  });

  it('one without a hop left is answered 483', () => {
    expect(new StackWorld().ask({ method: 'MESSAGE', maxForwards: 0 }).status).toBe(483);
  });

  it('a SUBSCRIBE begins a dialog, so the server stays in it', () => {
    expect(new StackWorld().ask({ method: 'SUBSCRIBE' }).options?.recordRoute).toBe(true);
  });

  it('one that makes no sense to the pipeline is answered too', () => {
    const world = new StackWorld();
    const raw = 'INVITE sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKa\r\n\r\n';
    expect(world.ask({ raw }).status).toBe(400);
  });
});
