// Traces with the drachtio engine: the call as a whole, of which the server tells only how it ended.
import { expect, it } from 'vitest';
import { StackWorld } from '../engine/drachtio/stack-world.ts';
import { tracedCalls } from './traced-world.ts';

it('a call is one span, from its arrival to its final response; attempts are counted, dialogs are not seen', async () => {
  const { calls, spans, span } = tracedCalls();
  const world = new StackWorld({ failOver: 'always', tracing: () => calls });
  const beganMs = world.nowMs;
  const asked = world.ask({ uri: 'sip:15551230000@192.0.2.1' });
  world.pass(500);
  await asked.done(200, '10.0.1.1:503', '10.0.1.2:200');
  expect(spans()).toHaveLength(1);
  expect(span('INVITE')).toMatchObject({
    kind: 'SERVER',
    beganMs,
    endedMs: beganMs + 500,
    isError: false,
    attributes: { 'sip.status_code': 200, 'surgegate.attempts': 2, 'surgegate.switch': 'sw2' },
  });
  expect(calls.dialogs).toBe(0);
});

it('a link that is lost: no final response is known, an error', async () => {
  const { calls, span } = tracedCalls();
  const world = new StackWorld({ tracing: () => calls });
  await world.ask({ uri: 'sip:15551230000@192.0.2.1' }).done(0);
  expect(span('INVITE')).toMatchObject({ isError: true, attributes: { 'error.type': 'no-final-response' } });
});
