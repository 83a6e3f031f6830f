// Collectors of HEP3 for the tests: sngrep, whose captures tshark reads; Kamailio's sipcapture, whose log tells every chunk; and
// plain sockets that keep the packets.
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startKamailio } from './kamailio.ts';
import type { Lab } from './lab-test.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

export interface Captured {
  readonly callId: string;
  /** The method, or the status code. */
  readonly what: string;
  readonly source: string;
  readonly target: string;
}

/** `end` stops it and reads what it has written. */
export async function startSngrep(lab: Lab): Promise<{ readonly port: number; end(): Promise<Captured[]> }> {
  const port = await freePort();
  const file = join(lab.dir, 'capture.pcap');
  const args = ['-N', '-q', '-F', '-L', `udp:127.0.0.1:${port}`, '-O', file];
  const child = lab.start('sngrep', 'sngrep', args, { TERM: 'xterm' });
  await waitFor('sngrep to listen', () => isBound(port));
  return {
    port,
    async end() {
      child.kill('SIGTERM');
      await child.exited;
      const fields = ['sip.Call-ID', 'sip.Method', 'sip.Status-Code', 'ip.src', 'udp.srcport', 'ip.dst', 'udp.dstport'];
      const options = ['-r', file, '-Y', 'sip', '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
      const out = execFileSync('tshark', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      return out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [callId = '', method = '', status = '', from, fromPort, to, toPort] = line.split('\t');
          return { callId, what: method || status, source: `${from}:${fromPort}`, target: `${to}:${toPort}` };
        });
    },
  };
}

/** Bound by somebody else. */
function isBound(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(true));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(false)));
  });
}

/** Kamailio as a collector; `lines`: one for each packet, its chunks as `name=value`. */
export async function startHomer(lab: Lab) {
  const kamailio = await startKamailio(lab, 'homer', { FOLDER: lab.dir });
  return {
    port: kamailio.port,
    lines: (): Record<string, string>[] =>
      [...kamailio.child.log().matchAll(/<script>: HEP3 (.*)/g)].map(([, text = '']) => {
        const [chunks = '', payload = ''] = text.split(' payload=');
        const pairs = chunks.split(' ').map((one) => one.split(/=(.*)/s).slice(0, 2));
        return { ...Object.fromEntries(pairs), payload: payload.trim() };
      }),
  };
}

/** Packets as they come, over UDP or TCP. */
export async function openCollector(lab: Lab, transport: 'udp' | 'tcp') {
  const packets: Buffer[] = [];
  if (transport === 'udp') {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
    socket.on('message', (bytes) => packets.push(bytes));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    lab.onEnd(() => void socket.close());
    return { packets, address: `udp:127.0.0.1:${socket.address().port}` };
  }
  const server = createServer((socket) => {
    let rest = Buffer.alloc(0);
    lab.onEnd(() => void socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 6 && rest.length >= rest.readUInt16BE(4)) {
        const length = rest.readUInt16BE(4);
        packets.push(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  lab.onEnd(() => void server.close());
  const bound = server.address();
  return { packets, address: `tcp:127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}` };
}
