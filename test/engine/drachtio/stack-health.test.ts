// OPTIONS to the switches by way of the server.
import { beforeEach, expect, it } from 'vitest';
import { StackHealth } from '../../../src/engine/drachtio/stack-health.ts';
import { StackWorld } from './stack-world.ts';

const settled = () => new Promise((next) => setImmediate(next));
const asked: string[] = [];
let answer = 200;
const link = {
  isUp: true,
  async request(method: string, uri: string, _fields: unknown, timeoutMs: number) {
    asked.push(`${method} ${uri} ${timeoutMs}`);
    return answer;
  },
};
let world: StackWorld;
let health: StackHealth;
const states = () => world.parts.switches.all.map((one) => one.health.name);

async function pass(ms: number): Promise<void> {
  for (const untilMs = world.nowMs + ms; world.nowMs < untilMs; ) {
    world.nowMs += 100;
    health.tick(world.nowMs);
    await settled();
  }
}

beforeEach(() => {
  world = new StackWorld();
  health = new StackHealth(
    world.parts,
    () => link,
    () => ({ intervalMs: 5000, timeoutMs: 2000 }),
  );
  asked.length = 0;
  Object.assign(link, { isUp: true });
  answer = 200;
});

it('each switch is asked once in an interval, not all at once', async () => {
  await pass(200);
  expect(asked).toEqual(['OPTIONS sip:10.0.1.1:5060;transport=udp 2000']);
  await pass(4700);
  expect(asked.map((text) => text.slice(12, 20))).toEqual(['10.0.1.1', '10.0.1.2']);
  await pass(5000);
  expect(asked).toHaveLength(4);
});

it('without an answer it is down, with 503 it refuses, with any other it is up', async () => {
  answer = 0;
  await pass(10_000);
  expect(states()).toEqual(['down', 'down']);
  answer = 404;
  await pass(5000);
  expect(states()).toEqual(['up', 'up']);
  answer = 503;
  await pass(5000);
  expect(states()).toEqual(['refusing', 'refusing']);
});

it('while the link is down nobody is asked, and what was lost with it is not held against a switch', async () => {
  Object.assign(link, { isUp: false });
  await pass(20_000);
  expect(asked).toEqual([]);
  Object.assign(link, { isUp: true });
  answer = 0;
  const request = link.request;
  link.request = async (...args) => {
    const status = await request(...args);
    Object.assign(link, { isUp: false });
    return status;
  };
  await pass(20_000);
  link.request = request;
  expect(states()).toEqual(['up', 'up']);
});
