// What the Monitor is told of switches behind a server that tells only final answers, and what fail-over makes of it.
import { describe, expect, it } from 'vitest';
import { interfaceIndex } from '../../../src/metrics/counters.ts';
import { switchAt } from '../../edge/settings.ts';
import { StackWorld } from './stack-world.ts';

const alone = { switches: [switchAt(1)] };
const priority = { side: 'east', headers: ['Resource-Priority: ets.0'] } as const;

describe('of one switch', () => {
  it('a quick answer is timed', async () => {
    const world = new StackWorld(alone);
    const asked = world.ask();
    expect(world.take()).toMatchObject({ sent: 1, outstanding: 1, progressed: 0 });
    world.pass(40);
    await asked.done(200, '10.0.1.1:200');
    expect(world.take()).toMatchObject({ outstanding: 0, progressed: 1, answered: 1, progressMs: [40], refused: 0 });
    expect(world.parts.counters.callSetupSeconds.counts[0]).toBe(1);
    expect(world.parts.counters.completed.of(interfaceIndex('south'), 'new-call')).toBe(1);
  });

  it('a call that has no answer after half a second is in progress; its answer later is no work and no delay', async () => {
    const world = new StackWorld(alone);
    const asked = world.ask();
    world.pass(400);
    expect(world.take()).toMatchObject({ outstanding: 1, progressed: 0 });
    world.pass(200);
    expect(world.take()).toMatchObject({ outstanding: 0, progressed: 1, progressMs: [] });
    world.pass(9000);
    await asked.done(200, '10.0.1.1:200');
    expect(world.take()).toMatchObject({ outstanding: 0, progressed: 0, answered: 1, progressMs: [] });
  });

  it.each([
    ['at once', 20],
    ['late', 3000],
  ])('a 503 %s is a refusal, and says that it lives', async (_when, ms) => {
    const world = new StackWorld(alone);
    const asked = world.ask();
    world.pass(ms);
    await asked.done(503, '10.0.1.1:503');
    expect(world.take()).toMatchObject({ outstanding: 0, refused: 1, timedOut: 0 });
    expect(world.parts.counters.completed.of(interfaceIndex('south'), 'new-call')).toBe(0);
    expect(world.parts.switches.all[0]!.health).toMatchObject({ name: 'up', failures: 0 });
  });

  it('408 of the server is its silence: two of them take it down', async () => {
    const world = new StackWorld(alone);
    for (let n = 0; n < 2; n++) {
      const asked = world.ask();
      world.pass(4000);
      await asked.done(408);
    }
    expect(world.take()).toMatchObject({ outstanding: 0, timedOut: 2 });
    expect(world.parts.switches.all[0]!.health.name).toBe('down');
  });

  it('a lost link says nothing of it', async () => {
    const world = new StackWorld(alone);
    const asked = world.ask();
    await asked.done(0);
    expect(world.take()).toMatchObject({ outstanding: 0, timedOut: 0 });
    expect(world.parts.switches.all[0]!.health).toMatchObject({ name: 'up', failures: 0 });
    expect(world.calls.open).toBe(0);
  });

  it('an answer counts as its, also where it comes from another of its addresses', async () => {
    const world = new StackWorld(alone);
    const asked = world.ask();
    await asked.done(486, '10.9.9.9:486');
    expect(world.take()).toMatchObject({ outstanding: 0, timedOut: 0, progressed: 1 });
  });

  it('a caller who has given up says nothing of it', async () => {
    const world = new StackWorld(alone);
    const asked = world.ask();
    world.pass(2000);
    await asked.done(487, '10.0.1.1:487');
    expect(world.take()).toMatchObject({ outstanding: 0, timedOut: 0, refused: 0, answered: 0 });
  });
});

describe('a switch that answers calls itself', () => {
  const learned = async () => {
    const world = new StackWorld(alone);
    for (let n = 0; n < 150; n++) {
      const asked = world.ask();
      world.pass(10);
      await asked.done(200, '10.0.1.1:200');
    }
    world.take();
    return world;
  };

  it('is not taken to be in progress: its late answers are a queue', async () => {
    const world = await learned();
    const asked = world.ask();
    world.pass(1000);
    expect(world.take()).toMatchObject({ outstanding: 1, progressed: 0 });
    world.pass(500);
    await asked.done(200, '10.0.1.1:200');
    expect(world.take()).toMatchObject({ outstanding: 0, progressed: 1, progressMs: [1500] });
  });

  it('is, where it does not answer until the next switch would be tried', async () => {
    const world = await learned();
    world.ask();
    world.pass(4200);
    expect(world.take()).toMatchObject({ outstanding: 0, progressed: 1, progressMs: [] });
  });

  it('is no longer one when humans answer most calls', async () => {
    const world = await learned();
    for (let n = 0; n < 200; n++) {
      const asked = world.ask();
      world.pass(600);
      await asked.done(200, '10.0.1.1:200');
    }
    world.take();
    world.ask();
    world.pass(700);
    expect(world.take()).toMatchObject({ outstanding: 0, progressed: 1 });
  });
});

describe('fail-over', () => {
  const first = (destination: string | undefined) => /@(10\.0\.1\.\d):/.exec(destination ?? '')![1]!;

  it.each([
    ['privileged', 1, 2],
    ['always', 2, 2],
    ['never', 1, 1],
  ] as const)(
    '%s: so many switches for an ordinary call, and for one with priority',
    (failOver, ordinary, privileged) => {
      const world = new StackWorld({ failOver });
      expect(world.ask({ side: 'east' }).destinations).toHaveLength(ordinary);
      expect(world.ask(priority).destinations).toHaveLength(privileged);
    },
  );

  it('is not to a switch that is down, or full', () => {
    const world = new StackWorld({ failOver: 'always', switches: [switchAt(1), switchAt(2), switchAt(3)] });
    const [, second, third] = world.parts.switches.all;
    for (let n = 0; n < 2; n++) world.parts.switches.note(second!, { kind: 'traffic-timeout' });
    third!.throttle(0.001, 0);
    for (let n = 0; n < 10; n++) expect(world.ask().destinations.map(first)).toEqual(['10.0.1.1']);
  });

  it('to the next one is counted, for both as what it was', async () => {
    const world = new StackWorld({ failOver: 'always' });
    const asked = world.ask();
    const [from, to] = asked.destinations.map(first);
    await asked.done(200, `${from}:503`, `${to}:200`);
    const indexOf = (address: string | undefined) => (address === '10.0.1.1' ? 0 : 1);
    expect(world.take(indexOf(from))).toMatchObject({ sent: 1, refused: 1, answered: 0, outstanding: 0 });
    expect(world.take(indexOf(to))).toMatchObject({ sent: 1, refused: 0, answered: 1, outstanding: 0, progressed: 1 });
    expect(world.parts.counters.failovers).toBe(1);
  });

  it('in vain is the silence of those that said nothing', async () => {
    const world = new StackWorld({ failOver: 'always' });
    const asked = world.ask();
    const [from, to] = asked.destinations.map(first);
    await asked.done(503, `${from}:503`);
    expect(world.take(to === '10.0.1.1' ? 0 : 1)).toMatchObject({ sent: 1, timedOut: 1, outstanding: 0 });
  });

  it('that was not needed is none', async () => {
    const world = new StackWorld({ failOver: 'always' });
    const asked = world.ask();
    const [from, to] = asked.destinations.map(first);
    await asked.done(200, `${from}:200`);
    expect(world.take(to === '10.0.1.1' ? 0 : 1)).toMatchObject({ sent: 0, timedOut: 0, outstanding: 0 });
    expect(world.parts.counters.failovers).toBe(0);
  });
});

it('outstanding calls come back to none, whatever becomes of them', async () => {
  const world = new StackWorld({ failOver: 'always' });
  const ends = [
    [200, '10.0.1.1:200'],
    [486, '10.0.1.2:486'],
    [503, '10.0.1.1:503', '10.0.1.2:503'],
    [408],
    [0],
    [487],
    [500, '10.7.7.7:500'],
  ] as const;
  const asked = Array.from({ length: 70 }, () => world.ask());
  for (const [i, one] of asked.entries()) {
    if (i % 10 === 0) world.pass(100);
    const [status, ...finals] = ends[i % ends.length]!;
    await one.done(status, ...(finals as string[]));
  }
  world.pass(1000);
  expect([world.take(0).outstanding, world.take(1).outstanding, world.calls.open]).toEqual([0, 0, 0]);
});
