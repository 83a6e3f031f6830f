// Makes a bound, non-blocking UDP socket with large kernel buffers, by libc.
import { getSystemErrorName } from 'node:util';
import { addressText, parseAddress } from './address.ts';
import type { Libc } from './libc.ts';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from './libc.ts';
import { scopeNumber } from './zone.ts';

export interface BoundSocket {
  readonly fd: number;
  readonly host: string;
  readonly port: number;
  /** What the kernel granted. */
  readonly receiveBufferBytes: number;
}

/** Throws an Error with a `code` such as EADDRINUSE, as Node's own sockets do. */
export function bindUdp(
  libc: Libc,
  spec: { readonly host: string; readonly port: number; readonly family: 4 | 6; readonly bufferBytes: number },
): BoundSocket {
  const domain = spec.family === 4 ? AF_INET : AF_INET6;
  const fd = check('socket', libc.socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  try {
    if (spec.family === 6) check('setsockopt', libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, int(1), 4));
    // The forced option may pass net.core.rmem_max, but wants CAP_NET_ADMIN; the other is cut to it.
    const size = int(Math.min(spec.bufferBytes, 0x3fff_ffff));
    if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, 4) < 0) {
      libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, size, 4);
    }
    if (libc.setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, size, 4) < 0) {
      libc.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, size, 4);
    }
    const name = socketAddress(spec.host, spec.port, spec.family);
    check('bind', libc.bind(fd, name, name.length));
    const length = int(name.length);
    check('getsockname', libc.getsockname(fd, name, length));
    const granted = int(0);
    libc.getsockopt(fd, SOL_SOCKET, SO_RCVBUF, granted, int(4));
    // Linux reports the double of what it grants (socket(7)).
    return { fd, ...readSocketAddress(name), receiveBufferBytes: granted.readInt32LE(0) / 2 };
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function check(call: string, result: number): number {
  if (result >= 0) return result;
  const code = getSystemErrorName(result);
  throw Object.assign(new Error(`${call} ${code}`), { code, syscall: call });
}

function socketAddress(host: string, port: number, family: 4 | 6): Buffer {
  const address = parseAddress(host);
  const bytes = Buffer.alloc(family === 4 ? 16 : 28);
  bytes.writeUInt16LE(family === 4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  if (address?.family === 4) bytes.writeUInt32BE(address.v4, 4);
  else if (address?.family === 6) {
    for (let i = 0; i < 4; i++) bytes.writeUInt32BE(address.words[i]!, 8 + 4 * i);
    bytes.writeUInt32LE(scopeNumber(address.zone), 24);
  }
  return bytes;
}

function readSocketAddress(bytes: Buffer): { host: string; port: number } {
  const port = bytes.readUInt16BE(2);
  if (bytes.readUInt16LE(0) === AF_INET) {
    return { host: addressText({ family: 4, v4: bytes.readUInt32BE(4) }), port };
  }
  const words = Uint32Array.from([8, 12, 16, 20], (at) => bytes.readUInt32BE(at));
  return { host: addressText({ family: 6, words, zone: '' }), port };
}

/** A C int. */
function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value, 0);
  return bytes;
}
