// What a refused caller is told: on the access side when to try again, to a peer network only that this call failed.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { openDatagrams, requestText } from '../peers/datagram.ts';
import type { EdgeOptions } from '../peers/edge.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { waitFor } from '../peers/wait.ts';
import { floodIsRefused } from './engine-cases.ts';
import { setUp } from './setting.ts';

const scarce = { newCallsPerSecond: 5, burst: 5 };
const sides: NonNullable<EdgeOptions['sides']> = {
  south: { pushback: 'retry-after' },
  east: { pushback: 'reject' },
  west: { pushback: 'drop' },
};

async function scarceEdge(lab: Lab) {
  return setUp(lab, 'uas-call', 'sipp', { edge: { sides, rest: { admission: scarce } } });
}

concurrentPeerSuite('refusals', () => {
  for (const [side, scenario] of [
    ['south', 'uac-flood-retry-after'],
    ['east', 'uac-flood-no-retry-after'],
  ] as const) {
    labTest(`on ${side}: ${scenario}`, ({ lab }) => floodIsRefused(lab, 'embedded', side, scenario));
  }

  labTest('a retransmission gets the answer that the first one got, and is not load', async ({ lab }) => {
    const { edge } = await scarceEdge(lab);
    const socket = await openDatagrams();
    lab.onEnd(() => socket.close());
    const refused: string[] = [];
    const requests = new Map<string, string>();
    for (let i = 0; i < 100; i++) {
      const callId = `again-${i}`;
      const text = requestText({ host: socket.host, port: socket.port, callId });
      requests.set(callId, text);
      socket.send(text, edge.port.south);
    }
    const answersTo = (callId: string): string[] =>
      socket.received.filter((text) => text.includes(`Call-ID: ${callId}\r\n`) && !text.startsWith('SIP/2.0 100'));
    await waitFor('all to be answered', () => [...requests.keys()].every((id) => answersTo(id).length > 0));
    for (const id of requests.keys()) if (answersTo(id)[0]?.startsWith('SIP/2.0 503')) refused.push(id);
    expect(refused.length).toBeGreaterThan(50);

    const before = await edge.metrics();
    const again = refused.slice(0, 20);
    for (const id of again) socket.send(requests.get(id)!, edge.port.south);
    await waitFor('the second answers', () => again.every((id) => answersTo(id).length >= 2));
    for (const id of again) {
      const [first, second] = answersTo(id);
      // All but Retry-After, which is drawn anew; the To tag above all.
      const comparable = (text?: string): string | undefined => text?.replace(/Retry-After:.*\r\n/i, '');
      expect(comparable(second)).toBe(comparable(first));
    }
    const after = await expectBalanced(edge);
    const grown = (reason: string): number =>
      after.sum('surgegate_requests_total', { reason }) - before.sum('surgegate_requests_total', { reason });
    expect(grown('retransmission')).toBe(again.length);
    expect(grown('edge-rate')).toBe(0);
  });

  labTest('a retransmission of an admitted INVITE is absorbed and reaches the switch once', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-slow', 'sipp', { called: { talkMs: 1_500, trace: true } });
    const socket = await openDatagrams();
    lab.onEnd(() => socket.close());
    const text = requestText({ host: socket.host, port: socket.port });
    for (let i = 0; i < 5; i++) socket.send(text, edge.port.south);
    await socket.next(/^SIP\/2\.0 180/);
    await waitFor('the retransmissions to be absorbed', async () => {
      const metrics = await edge.metrics();
      return metrics.sum('surgegate_requests_total', { decision: 'absorb', reason: 'retransmission' }) === 4;
    });
    const metrics = await edge.metrics();
    expect(metrics.sum('surgegate_requests_total', { reason: 'admitted' })).toBe(1);
    expect(called.callsWith(/^INVITE /)).toBe(1);
    // Each brings back the latest provisional response (RFC 3261 §17.2.1).
    expect(socket.received.filter((one) => /^SIP\/2\.0 1/.test(one)).length).toBeGreaterThanOrEqual(2);
  });

  labTest('pushback drop: what is too much is not answered', async ({ lab }) => {
    const { edge } = await scarceEdge(lab);
    const socket = await openDatagrams();
    lab.onEnd(() => socket.close());
    for (let i = 0; i < 100; i++) socket.send(requestText({ host: socket.host, port: socket.port }), edge.port.west);
    const metrics = await waitFor('all to be decided', async () => {
      const now = await edge.metrics();
      return now.sum('surgegate_requests_total', { interface: 'west', method: 'INVITE' }) === 100 ? now : undefined;
    });
    expect(metrics.sum('surgegate_requests_total', { interface: 'west', decision: 'drop' })).toBeGreaterThan(50);
    expect(metrics.sum('surgegate_requests_total', { interface: 'west', decision: 'reject' })).toBe(0);
    expect(socket.received.some((text) => text.startsWith('SIP/2.0 503'))).toBe(false);
  });
});
