// Collectors over real sockets: there, not there, back again, and slow. SIP never waits for them; what is lost is counted.
import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Collector, type CollectorOptions, openCollector } from '../../src/hep/collector.ts';
import { type HepCounts, newHepCounts } from '../../src/hep/hep-counts.ts';
import { makeCertificates } from '../transport/certificates.ts';

const soon = (check: () => void): Promise<void> => vi.waitFor(check, 15_000);
const packet = Buffer.from('HEP3 packet');

function open(more: Pick<CollectorOptions, 'transport' | 'port'> & Partial<CollectorOptions>) {
  const changes: string[] = [];
  const counts: HepCounts = newHepCounts();
  const collector = openCollector({
    ...{ host: '127.0.0.1', queueBytes: 65_536, counts },
    onChange: (isUp, reason) => changes.push(isUp ? 'up' : `down: ${reason}`),
    ...more,
  });
  onTestFinished(() => collector.close());
  return { collector, counts, changes };
}

async function udpListener(port = 0) {
  const got: string[] = [];
  const socket = dgram.createSocket('udp4');
  socket.on('message', (bytes) => got.push(bytes.toString()));
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  return { got, port: socket.address().port, close };
}

const send = (collector: Collector) => collector.send(packet, packet.length);

describe('over UDP', () => {
  it('each packet is a datagram, by a name too; the first may find the socket not open yet', async () => {
    const listener = await udpListener();
    onTestFinished(() => listener.close());
    const { collector, counts, changes } = open({ transport: 'udp', port: listener.port, host: 'localhost' });
    await soon(() => {
      send(collector);
      expect(listener.got.length).toBeGreaterThan(3);
    });
    await soon(() => expect(counts.sent).toBe(listener.got.length));
    expect(new Set(listener.got)).toEqual(new Set(['HEP3 packet']));
    expect(counts.sentBytes).toBe(counts.sent * packet.length);
    expect(collector.isUp).toBe(true);
    expect(changes).toEqual([]);
  });

  it('where nobody listens it says so once, tries one packet a tick, and goes on when somebody does', async () => {
    const before = await udpListener();
    const { collector, counts, changes } = open({ transport: 'udp', port: before.port });
    await soon(() => {
      send(collector);
      expect(before.got.length).toBeGreaterThan(0);
    });
    await before.close();
    await soon(() => {
      send(collector);
      expect(collector.isUp).toBe(false);
    });
    expect(changes).toEqual([expect.stringContaining('down: ')]);
    const lost = counts.dropped.unreachable;
    for (let i = 0; i < 100; i++) send(collector);
    expect(counts.dropped.unreachable).toBeGreaterThanOrEqual(lost + 99);
    const after = await udpListener(before.port);
    onTestFinished(() => after.close());
    await soon(() => {
      collector.tick();
      send(collector);
      expect(collector.isUp).toBe(true);
    });
    expect(changes).toEqual([expect.stringContaining('down: '), 'up']);
    await soon(() => {
      send(collector);
      expect(after.got.length).toBeGreaterThan(1);
    });
  });

  it('a name that is none is told, and a packet that no datagram holds is dropped', async () => {
    const { collector, counts, changes } = open({ transport: 'udp', port: 9, host: 'no-such-name.invalid' });
    await soon(() => expect(changes).toHaveLength(1));
    send(collector);
    expect(counts.dropped.unreachable).toBe(1);
    collector.send(Buffer.alloc(65_535), 65_535);
    expect(counts.dropped.size).toBe(1);
  });
});

async function tcpListener(port = 0, reads = true) {
  const got = { text: '', connections: 0, sockets: [] as net.Socket[] };
  const server = net.createServer((socket) => {
    got.connections++;
    got.sockets.push(socket);
    socket.on('error', () => {});
    if (reads)
      socket.setEncoding('latin1').on('data', (text: string) => {
        got.text += text;
      });
    else socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of got.sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(async () => void (await close()));
  return { got, port: (server.address() as net.AddressInfo).port, close };
}

describe('over TCP', () => {
  it('packets follow each other on one connection, and leave before it ends', async () => {
    const listener = await tcpListener();
    const { collector, counts } = open({ transport: 'tcp', port: listener.port });
    await soon(() => expect(collector.isUp).toBe(true));
    for (let i = 0; i < 50; i++) send(collector);
    await collector.close();
    await soon(() => expect(listener.got.text).toBe(packet.toString().repeat(50)));
    expect(listener.got.connections).toBe(1);
    expect(counts).toMatchObject({ sent: 50, sentBytes: 50 * packet.length });
  });

  it('is connected again when the collector comes back; until then packets are dropped and counted', async () => {
    const before = await tcpListener();
    const { collector, counts, changes } = open({ transport: 'tcp', port: before.port });
    await soon(() => expect(collector.isUp).toBe(true));
    await before.close();
    await soon(() => expect(collector.isUp).toBe(false));
    for (let i = 0; i < 10; i++) send(collector);
    expect(counts.dropped.unreachable).toBe(10);
    const after = await tcpListener(before.port);
    await soon(() => expect(collector.isUp).toBe(true));
    send(collector);
    await soon(() => expect(after.got.text).toBe('HEP3 packet'));
    expect(changes).toEqual(['up', expect.stringContaining('down: '), 'up']);
  });

  it('a collector that does not read fills the queue and no more; then it is given up', async () => {
    const listener = await tcpListener(0, false);
    const queueBytes = 16_777_216; // more than the kernel takes of it
    const { collector, counts, changes } = open({ transport: 'tcp', port: listener.port, queueBytes });
    await soon(() => expect(collector.isUp).toBe(true));
    const big = Buffer.alloc(60_000);
    for (let i = 0; i < 400; i++) collector.send(big, big.length);
    expect(counts.dropped.queue).toBeGreaterThan(100);
    expect(collector.queuedBytes).toBeLessThanOrEqual(queueBytes);
    await soon(() => {
      collector.tick();
      expect(changes).toEqual(['up', expect.stringContaining('takes nothing')]);
    });
    expect(counts.dropped.unreachable).toBeGreaterThan(0);
  });

  it('one that is not there at first is told once, however often it is tried', async () => {
    const gone = await tcpListener();
    await gone.close();
    const { collector, changes } = open({ transport: 'tcp', port: gone.port });
    await soon(() => expect(changes).toHaveLength(1));
    await tcpListener(gone.port);
    await soon(() => expect(collector.isUp).toBe(true));
    expect(changes).toEqual([expect.stringContaining('ECONNREFUSED'), 'up']);
  });
});

describe('over TLS', () => {
  it('only a collector of the given authority is sent anything', async () => {
    const files = makeCertificates();
    onTestFinished(() => files.remove());
    const read = (file: string) => readFileSync(file, 'utf8');
    let text = '';
    const server = tls.createServer({ cert: read(files.certificate), key: read(files.key) }, (socket) => {
      socket.setEncoding('latin1').on('data', (more: string) => {
        text += more;
      });
      socket.on('error', () => {});
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    const stranger = open({ transport: 'tls', port });
    await soon(() => expect(stranger.changes).toHaveLength(1));
    send(stranger.collector);
    expect(stranger.counts.dropped.unreachable).toBe(1);
    const { collector } = open({ transport: 'tls', port, ca: read(files.ca) });
    await soon(() => expect(collector.isUp).toBe(true));
    send(collector);
    await soon(() => expect(text).toBe('HEP3 packet'));
  });
});
