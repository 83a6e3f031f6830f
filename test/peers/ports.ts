// Port numbers that the kernel says are free, for peers that cannot be told "port 0 and say which".
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

// Numbers already handed out in this process: the kernel may offer one again before its peer has bound it.
const handedOut = new Set<number>();

/** Files are run side by side, each in a process of its own: each third pair of numbers is for one of them. */
const processes = 3;
const own = Number(process.env.VITEST_POOL_ID ?? 0) % processes;
const isOwn = (port: number): boolean => (port >> 1) % processes === own; // pairs: Linux gives out odd numbers first

function tcpPort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function udpIsFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, host, () => socket.close(() => resolve(true)));
  });
}

/** A port free for both UDP and TCP on `host` at this moment, never the same one twice in this process. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = await tcpPort(host);
    if (!isOwn(port) || handedOut.has(port) || !(await udpIsFree(port, host))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`no port free on ${host} after 200 attempts`);
}
