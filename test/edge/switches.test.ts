// Which switch gets a call, through the whole edge: weights, capacity, health checks (RFC 3261 §11, §21.5.4).
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { type Message, request, response } from './message.ts';
import { type EdgeOptions, switchAt } from './settings.ts';

function open(options: EdgeOptions = {}) {
  const world = new World(options);
  return { world, alice: world.flow('south', '198.51.100.7') };
}

/** Sends `n` calls; how many INVITEs each switch got, and the answers of the edge over 100. */
function calls({ world, alice }: ReturnType<typeof open>, n: number, given = {}) {
  const got: Record<string, number> = {};
  const refusals: Message[] = [];
  for (let i = 0; i < n; i++) {
    world.receive(alice, request(given));
    for (const { flow, message } of world.transports.sent.splice(0)) {
      if (message.label === 'INVITE') {
        got[flow.remoteAddress] = (got[flow.remoteAddress] ?? 0) + 1;
        world.receive(flow, response(message, 100));
      } else if (message.status > 100) refusals.push(message);
    }
  }
  return { got, refusals };
}

describe('weights', () => {
  it('divide the calls', () => {
    const { got } = calls(open({ switches: [switchAt(1), { ...switchAt(2), weight: 3 }] }), 2000);
    expect(got['10.0.1.2']! / 2000).toBeGreaterThan(0.7);
    expect(got['10.0.1.2']! / 2000).toBeLessThan(0.8);
  });

  it('0 takes a switch out of service: no call goes there, also where all others are full or refuse', () => {
    const options = {
      switches: [
        { ...switchAt(1), capacityPerSecond: 5 },
        { ...switchAt(2), weight: 0 },
      ],
    };
    const { got, refusals } = calls(open(options), 20);
    expect(got).toEqual({ '10.0.1.1': 1 });
    expect(refusals).toHaveLength(19);
  });
});

describe('capacityPerSecond', () => {
  it('what one has no room for goes to the other; when all are full 503, switch-capacity', () => {
    const full = open({ switches: [1, 2].map((n) => ({ ...switchAt(n), capacityPerSecond: 50 })) });
    const { got, refusals } = calls(full, 100);
    expect(got).toEqual({ '10.0.1.1': 10, '10.0.1.2': 10 });
    expect(new Set(refusals.map((m) => m.status))).toEqual(new Set([503]));
    expect(full.world.count({ decision: 'reject', reason: 'switch-capacity' })).toBe(80);
    full.world.pass(1000);
    expect(calls(full, 100).got).toEqual({ '10.0.1.1': 10, '10.0.1.2': 10 });
  });

  it('does not stop an emergency call', () => {
    const full = open({ switches: [{ ...switchAt(1), capacityPerSecond: 5 }] });
    calls(full, 5);
    expect(calls(full, 5, { uri: 'sip:911@example.test' }).got).toEqual({ '10.0.1.1': 5 });
  });
});

describe('health checks', () => {
  const checks = { hasChecks: true, rest: { health: { intervalSeconds: 5, timeoutMs: 2000 } } };
  const probes = (world: World) =>
    world.transports.sent.splice(0).filter(({ message }) => message.method === 'OPTIONS');

  it('RFC 3261 §11: OPTIONS to each, spread over the interval, repeated while unanswered; 200 is no message for others', () => {
    const { world } = open(checks);
    world.pass(100);
    const [first] = probes(world);
    expect(first!.flow.text).toBe('core udp 10.0.1.1:5060');
    expect(first!.message.uri).toBe('sip:10.0.1.1:5060');
    world.pass(600);
    const [again] = probes(world);
    expect(again!.message.text).toBe(first!.message.text);
    world.receive(first!.flow, response(first!.message, 200));
    world.pass(2000);
    expect(probes(world).map(({ flow }) => flow.remoteAddress)).toEqual(['10.0.1.2']);
  });

  it('a switch that answers none goes down, gets no calls, and comes back with its first answer', () => {
    const sides = open(checks);
    const { world } = sides;
    let isDead = true;
    const run = (ms: number) => {
      for (let i = 0; i < ms; i += 100) {
        world.pass(100);
        for (const { flow, message } of probes(world))
          if (!isDead || flow.remoteAddress !== '10.0.1.1') world.receive(flow, response(message, 200));
      }
    };
    run(4000);
    expect(world.parts.switches.find('sw1')!.health.name).toBe('up');
    run(6000);
    expect(world.parts.switches.find('sw1')!.health.name).toBe('down');
    expect(calls(sides, 20).got).toEqual({ '10.0.1.2': 20 });
    isDead = false;
    run(5200);
    expect(world.parts.switches.find('sw1')!.health.name).toBe('up');
    expect(calls(sides, 20).got['10.0.1.1']).toBeGreaterThan(0);
    expect(world.logged.map(({ text }) => text)).toEqual(['sw1: up to down', 'sw1: down to up']);
  });

  it('all down: 503, no-switch; OPTIONS to us says so (RFC 3261 §11.2); a priority call is tried all the same', () => {
    const sides = open({ ...checks, switches: [switchAt(1)] });
    const { world, alice } = sides;
    world.pass(15_000);
    world.take();
    const { refusals } = calls(sides, 1);
    expect(refusals.map((m) => m.status)).toEqual([503]);
    expect(world.count({ reason: 'no-switch', decision: 'reject' })).toBe(1);
    world.receive(alice, request({ method: 'OPTIONS', uri: 'sip:192.0.2.1' }));
    expect(world.only(alice).status).toBe(503);
    expect(calls(sides, 1, { uri: 'sip:911@example.test' }).got).toEqual({ '10.0.1.1': 1 });
  });

  it('503 to OPTIONS: the switch lives and asks for less: it gets calls only where no other is up', () => {
    const sides = open(checks);
    const { world } = sides;
    const answer = (status: (address: string) => number) => {
      for (let i = 0; i < 60; i++) {
        world.pass(100);
        for (const { flow, message } of probes(world))
          world.receive(flow, response(message, status(flow.remoteAddress)));
      }
    };
    answer((address) => (address === '10.0.1.1' ? 503 : 200));
    expect(calls(sides, 20).got).toEqual({ '10.0.1.2': 20 });
    answer(() => 503);
    expect(Object.keys(calls(sides, 20).got).sort()).toEqual(['10.0.1.1', '10.0.1.2']);
    answer(() => 200);
    expect(world.parts.switches.all.map((one) => one.health.name)).toEqual(['up', 'up']);
  });

  it('an answer to a probe that was never sent, or forged, changes nothing', () => {
    const { world } = open(checks);
    world.pass(100);
    const [probe] = probes(world);
    const forged = response(probe!.message, 503).replace(/(z9hG4bKshc.{15})(.)/, (_, a, b) => a + (b === '0' ? 1 : 0));
    world.receive(probe!.flow, forged);
    expect(world.parts.switches.find('sw1')!.health.name).toBe('up');
    expect(world.take()).toEqual([]);
  });
});

it('RFC 3261 §16.11: a stateless request goes to the same switch each time, and to another while that is down', () => {
  const { world, alice } = open({ switches: [switchAt(1), switchAt(2), switchAt(3)] });
  const to = () => {
    world.receive(alice, request({ method: 'SUBSCRIBE', callId: 'same@test' }));
    return world.takeSwitch().flow.remoteAddress;
  };
  const first = to();
  expect([to(), to()]).toEqual([first, first]);
  const one = world.parts.switches.at(first, 5060)!;
  one.health = { name: 'down', successes: 0, heard: false };
  expect(to()).not.toBe(first);
});

it('a connection to a switch carries many calls: losing it fails each over, ending one touches no other', () => {
  const tcp = [1, 2].map((n) => ({ name: `sw${n}`, address: `tcp:10.0.1.${n}:5060` }));
  const { world, alice } = open({ switches: tcp });
  const sent = Array.from({ length: 40 }, () => {
    world.receive(alice, request());
    return world.takeSwitch();
  });
  const lost = sent[0]!.flow;
  const [refused, ...others] = sent.filter(({ flow }) => flow === lost);
  world.receive(lost, response(refused!.message, 486));
  world.take();
  world.lose(lost);
  const moved = world.transports.sent.splice(0);
  expect(moved.map(({ flow, message }) => [flow.remoteAddress === lost.remoteAddress, message.method])).toEqual(
    others.map(() => [false, 'INVITE']),
  );
});
