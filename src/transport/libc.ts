// The few calls of libc that batched UDP needs, through koffi. Linux on 64-bit little-endian machines, whose kernel
// structures and constants are asm-generic's; anywhere else `loadLibc` says why not.
import { endianness } from 'node:os';

export interface Libc {
  /** Result, or -errno. */
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  getsockopt(fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array): number;
  getsockname(fd: number, address: Uint8Array, length: Uint8Array): number;
  close(fd: number): number;
  recvmmsg(fd: number, vector: bigint, count: number, flags: number): number;
  sendmmsg(fd: number, vector: bigint, count: number, flags: number): number;
  /** Calls back whenever the socket has something to read; ends with `close()` of what it returns, before the socket's. */
  watch(fd: number, readable: () => void): { close(): void };
  /** Address of the bytes, which must be a whole ArrayBuffer of their own and stay referenced. */
  addressOf(bytes: Uint8Array): bigint;
}

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
export const SOL_UDP = 17;
export const UDP_SEGMENT = 103;
export const UDP_GRO = 104;
export const MSG_DONTWAIT = 0x40;
export const EINTR = 4;
export const EAGAIN = 11;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const EACCES = 13;
export const ENOBUFS = 105;
export const ENOMEM = 12;

/** The calls, or the reason why they cannot be had. */
export async function loadLibc(): Promise<Libc | string> {
  if (process.platform !== 'linux') return `no recvmmsg on ${process.platform}`;
  if (!['x64', 'arm64', 'riscv64'].includes(process.arch) || endianness() !== 'LE') return `not for ${process.arch}`;
  try {
    const { default: koffi } = await import('koffi');
    // The running program's own libc, glibc or musl.
    const lib = koffi.load(null);
    const socket = lib.func('int socket(int, int, int)');
    const bind = lib.func('int bind(int, void *, unsigned int)');
    const setsockopt = lib.func('int setsockopt(int, int, int, void *, unsigned int)');
    const getsockopt = lib.func('int getsockopt(int, int, int, void *, void *)');
    const getsockname = lib.func('int getsockname(int, void *, void *)');
    const close = lib.func('int close(int)');
    const recvmmsg = lib.func('int recvmmsg(int, void *, unsigned int, int, void *)');
    const sendmmsg = lib.func('int sendmmsg(int, void *, unsigned int, int)');
    const result = (value: number): number => (value < 0 ? -koffi.errno() : value);
    return {
      socket: (domain, type, protocol) => result(socket(domain, type, protocol)),
      bind: (fd, address, length) => result(bind(fd, address, length)),
      setsockopt: (fd, level, name, value, length) => result(setsockopt(fd, level, name, value, length)),
      getsockopt: (fd, level, name, value, length) => result(getsockopt(fd, level, name, value, length)),
      getsockname: (fd, address, length) => result(getsockname(fd, address, length)),
      close: (fd) => result(close(fd)),
      recvmmsg: (fd, vector, count, flags) => result(recvmmsg(fd, vector, count, flags, null)),
      sendmmsg: (fd, vector, count, flags) => result(sendmmsg(fd, vector, count, flags)),
      watch: (fd, readable) => koffi.node.poll(fd, { readable: true }, readable),
      addressOf: (bytes) => koffi.address(bytes),
    };
  } catch (error) {
    return `koffi does not load: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
}
