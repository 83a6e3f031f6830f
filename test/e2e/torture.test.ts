// RFC 4475 through the running edge: every message gets the verdict of the table, and none stops the process.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { decisionsOf, expectBalanced } from '../peers/books.ts';
import { type Datagrams, openDatagrams, requestText } from '../peers/datagram.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import type { Metrics } from '../peers/metrics.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { waitFor } from '../peers/wait.ts';
import { torture } from '../sip/torture-table.ts';
import { ample } from './setting.ts';

const load = (file: string): Buffer => readFileSync(new URL(`../fixtures/rfc4475/${file}.dat`, import.meta.url));

/** An address of loopback that is this suite's alone: answers go to the port in Via where it asks for no rport. */
const host = '127.0.47.5';
/** Port of the sent-by of the top Via (RFC 3261 §18.2.2); 5060 where there is none. */
function answerPort(text: string): number {
  const sentBy = /^v(?:ia)?\s*:\s*SIP\s*\/\s*\d+\.\d+\s*\/\s*\S+\s+([^;,\s]+)/im.exec(text)?.[1] ?? '';
  const port = Number(/:(\d+)$/.exec(sentBy)?.[1] ?? 5060);
  return port > 1023 && port < 65_536 ? port : 5060;
}

/** A switch that answers health checks and nothing else. */
async function silentSwitch(lab: Lab): Promise<Datagrams> {
  const socket = await openDatagrams('127.0.0.1', 0, (text, reply) => {
    if (text.startsWith('OPTIONS ')) reply(text.replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n'));
  });
  lab.onEnd(() => socket.close());
  return socket;
}

async function tortured(lab: Lab): Promise<Edge> {
  const silent = await silentSwitch(lab);
  const edge = await startEdge(lab, {
    switches: [`udp:127.0.0.1:${silent.port}`],
    rest: {
      admission: { ...ample, nonEssentialPerSecond: 1000, nonEssentialBurst: 1000 },
      health: { intervalSeconds: 3600 },
      timers: { switchTimeoutMs: 60_000 },
      // a switch that answers nothing would be taken for silent, and get probes only
      control: { enabled: false },
    },
  });
  // From here on every message is one of the test's.
  await waitFor('the health check', async () => handled(await edge.metrics()) > 0);
  return edge;
}

const handled = (metrics: Metrics): number =>
  metrics.sum('surgegate_requests_total') + metrics.sum('surgegate_responses_total', { direction: 'received' });

peerSuite('RFC 4475 through the edge', () => {
  const sockets = new Map<number, Datagrams>();
  beforeAll(async () => {
    const ports = new Set([5060, ...torture.map((row) => answerPort(load(row.file).toString('latin1')))]);
    for (const port of ports) sockets.set(port, await openDatagrams(host, port));
  });
  afterAll(() => {
    for (const socket of sockets.values()) socket.close();
  });

  labTest('all 49 verdicts', async ({ lab }) => {
    const edge = await tortured(lab);
    const wrong: string[] = [];
    for (const row of torture) {
      const bytes = load(row.file);
      const port = answerPort(bytes.toString('latin1'));
      for (const socket of sockets.values()) socket.received.length = 0;
      const before = await edge.metrics();
      sockets.get(port)!.send(bytes, edge.port.south, '127.0.0.1');
      const after = await waitFor(`${row.file} to be handled`, async () => {
        const now = await edge.metrics();
        return handled(now) > handled(before) ? now : undefined;
      });
      const forwarded = after.sum('surgegate_switch_requests_total') > before.sum('surgegate_switch_requests_total');
      const statuses = [...sockets.values()]
        .flatMap((socket) => socket.received)
        .map((text) => Number(text.slice(8, 11)))
        .filter((status) => status >= 200);
      const isResponse = row.proxy.startsWith('response:');
      const seen = forwarded
        ? 'forward'
        : statuses.length > 0
          ? `${after.sum('surgegate_requests_total', { decision: 'answer' }) > before.sum('surgegate_requests_total', { decision: 'answer' }) ? 'answer' : 'reject'}:${statuses[0]}`
          : isResponse
            ? 'response:drop'
            : 'drop';
      if (![row.proxy, ...(row.also ?? [])].includes(seen as never)) {
        wrong.push(`${row.file} (§${row.section}): ${seen}, expected ${[row.proxy, ...(row.also ?? [])].join(' or ')}`);
      }
    }
    expect(edge.child().running()).toBe(true);
    expect(wrong, JSON.stringify(decisionsOf(await edge.metrics()))).toEqual([]);
    await expectBalanced(edge);
  });

  labTest('cut, doubled and changed messages: each is decided once, calls go on', async ({ lab }) => {
    const edge = await tortured(lab);
    const seed = Number(process.env.SURGEGATE_SEED ?? Date.now() % 1_000_000);
    let state = seed + 1;
    // Park and Miller's generator: the seed alone repeats a failure.
    const below = (limit: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % limit;
    };
    const sender = sockets.get(5060)!;
    const count = 3_000;
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(load(torture[below(torture.length)]!.file));
      const changes = below(4);
      for (let n = 0; n < changes; n++) bytes[below(bytes.length)] = below(256);
      const end = below(3) === 0 ? 1 + below(bytes.length) : bytes.length;
      sender.send(bytes.subarray(0, end), edge.port.south, '127.0.0.1');
      if (i % 100 === 99) await waitFor('the edge to keep up', async () => handled(await edge.metrics()) > i, 5_000);
    }
    expect(edge.child().running(), `SURGEGATE_SEED=${seed}`).toBe(true);
    await expectBalanced(edge);
    const call = requestText({ host, port: 5060 });
    sender.received.length = 0;
    sender.send(call, edge.port.south, '127.0.0.1');
    await sender.next(/^SIP\/2\.0 100/);
  });

  labTest('folded Via and From pass to a switch that reads them', async ({ lab }) => {
    const answering = await startKamailio(lab, 'answering');
    const edge = await startEdge(lab, { switches: [`udp:${answering.address}`], rest: { admission: ample } });
    const socket = await openDatagrams();
    lab.onEnd(() => socket.close());
    const lines = [
      'INVITE sip:5551234@example.test SIP/2.0',
      `v: SIP/2.0/UDP ${socket.host}:${socket.port}`,
      '  ;branch=z9hG4bKfolded1',
      '\t;rport',
      'Max-Forwards: 70',
      'f: "Alice"',
      '  <sip:alice@example.test>',
      '  ;tag=folded',
      't: <sip:5551234@example.test>',
      'i: folded@example.test',
      // Kamailio 5.6 cannot read a CSeq that is folded.
      'CSeq: 7 INVITE',
      `m: <sip:alice@${socket.host}:${socket.port}>`,
      's: over',
      ' three',
      ' lines',
      'l: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, edge.port.south);
    const answer = await socket.next(/^SIP\/2\.0 200/);
    expect(answer).toMatch(/Record-Route: .*lr/i);
    expect(answer).toMatch(/branch=z9hG4bKfolded1/);
    await expectBalanced(edge);
  });
});
