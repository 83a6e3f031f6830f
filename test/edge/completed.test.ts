// Which calls count as completed: each once that a switch has answered with 2xx, by the interface and class that it came with.
import { expect, it } from 'vitest';
import { callClasses, interfaceIndex } from '../../src/metrics/counters.ts';
import { World } from './harness.ts';
import { PlacedCall } from './placed-call.ts';

const counted = (world: World) =>
  (['south', 'east'] as const).map((name) =>
    callClasses.map((one) => world.parts.counters.completed.of(interfaceIndex(name), one)),
  );

it('counts a call once, whatever comes after its answer', () => {
  const world = new World();
  const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
  call.answer(180);
  expect(counted(world)).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
  const ok = call.connect();
  call.answer(200, { toTag: 'another' });
  call.answer(200);
  world.receive(call.caller, call.fromCaller('INVITE', ok));
  expect(counted(world)).toEqual([
    [0, 0, 1],
    [0, 0, 0],
  ]);
});

it.each([302, 486, 603])('counts none that is answered with %i', (status) => {
  const world = new World();
  new PlacedCall(world, world.flow('south', '198.51.100.7')).answer(status);
  expect(counted(world).flat()).toEqual([0, 0, 0, 0, 0, 0]);
});

it('counts none that was cancelled', () => {
  const world = new World();
  const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
  call.cancel();
  call.answer(487);
  expect(counted(world).flat()).toEqual([0, 0, 0, 0, 0, 0]);
});

it('counts by interface and class', () => {
  const world = new World();
  new PlacedCall(world, world.flow('south', '198.51.100.7'), { uri: 'sip:911@example.test' }).connect();
  new PlacedCall(world, world.flow('south', '198.51.100.8'), { uri: 'sip:+1-710-627-4387@example.test' }).connect();
  new PlacedCall(world, world.flow('east', '203.0.113.9'), { branch: 'z9hG4bKeast' }).connect();
  expect(counted(world)).toEqual([
    [1, 1, 0],
    [0, 0, 1],
  ]);
});
