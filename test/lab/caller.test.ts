import { afterEach, expect, it, vi } from 'vitest';
import { startCaller } from '../../src/lab/caller.ts';
import { dialogTexts } from '../../src/lab/caller-dialogs.ts';
import { startTestSwitch, type TestSwitch } from '../../src/lab/test-switch.ts';

let testSwitch: TestSwitch | undefined;

afterEach(async () => {
  await testSwitch?.close();
  testSwitch = undefined;
});

async function target(options: { ringMs?: number } = {}): Promise<string> {
  testSwitch = await startTestSwitch({ listen: ['udp:127.0.0.1:0'], ringMs: 0, answerMs: 0, ...options });
  return testSwitch.addresses[0]!;
}

it('carries calls from INVITE to BYE, and tells priority from ordinary ones', async () => {
  const caller = startCaller({
    target: await target(),
    rate: 200,
    durationMs: 500,
    holdMs: 20,
    resourcePriority: 'ets.0',
    priorityRatio: 0.5,
    retransmit: true,
  });
  const { ordinary, priority, setUpTime, sendFailures } = await caller.finished;
  const offered = ordinary.offered + priority.offered;
  expect(offered).toBeGreaterThan(50);
  expect(priority.offered).toBeGreaterThan(0);
  expect(ordinary.completed + priority.completed).toBe(offered);
  expect(ordinary.byStatus).toEqual({ 200: ordinary.offered });
  expect(ordinary.lost + priority.lost + ordinary.byeFailures + priority.byeFailures + sendFailures).toBe(0);
  expect(setUpTime.count).toBe(offered);
  expect(testSwitch?.stats()).toMatchObject({
    invites: offered,
    confirmed: offered,
    ended: offered,
    openTransactions: 0,
  });
});

it('acknowledges refusals, so that nothing stays open', async () => {
  const caller = startCaller({ target: await target(), rate: 500, durationMs: 200, requestUri: 'sip:busy@127.0.0.1' });
  const { ordinary, refusalLatency } = await caller.finished;
  expect(ordinary.byStatus).toEqual({ 486: ordinary.offered });
  expect(refusalLatency.count).toBe(ordinary.offered);
  // the last ACK may still be on its way
  await vi.waitFor(() => expect(testSwitch?.stats()).toMatchObject({ refused: ordinary.offered, openTransactions: 0 }));
});

it('counts calls that nobody answers as lost, and sends them again where told to', async () => {
  const caller = startCaller({
    target: 'udp:127.0.0.1:9',
    rate: 100,
    durationMs: 100,
    retransmit: true,
    giveUpMs: 900,
  });
  const { ordinary } = await caller.finished;
  expect(ordinary.offered).toBeGreaterThan(0);
  expect(ordinary).toMatchObject({ lost: ordinary.offered, retransmissions: ordinary.offered });
});

it('refuses a target that is not UDP over IPv4', () => {
  expect(() => startCaller({ target: 'tcp:127.0.0.1:5060', rate: 1, durationMs: 1 })).toThrow('tcp:127.0.0.1:5060');
});

it('makes ACK and BYE with the route set in reverse order', () => {
  const answer = [
    'SIP/2.0 200 OK',
    'Record-Route: <sip:p2;lr>, <sip:p1;lr>',
    'To: <sip:b>;tag=9',
    'Contact: "B" <sip:b@1.2.3.4:5>',
    '',
    '',
  ].join('\r\n');
  const texts = dialogTexts(answer, 'From: f\r\n', 'Via: x;branch=KIND1\r\n');
  expect(texts?.ack).toBe(
    'ACK sip:b@1.2.3.4:5 SIP/2.0\r\nVia: x;branch=a1\r\nFrom: f\r\nTo: <sip:b>;tag=9\r\n' +
      'Route: <sip:p1;lr>, <sip:p2;lr>\r\nContent-Length: 0\r\nCSeq: 1 ACK\r\n\r\n',
  );
  expect(texts?.bye).toContain('BYE sip:b@1.2.3.4:5 SIP/2.0\r\nVia: x;branch=b1\r\n');
});
