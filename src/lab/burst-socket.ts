// A UDP socket of the load generator: many messages per system call through libc (sendmmsg, recvmmsg), and a source
// address chosen per message (IP_PKTINFO), so that one socket speaks for any number of hosts in 127.0.0.0/8.
// Linux, 64 bit, little endian.
import koffi from 'koffi';

const BATCH = 64;
const SLOT_BYTES = 2048;
const HEADER_BYTES = 64; // struct mmsghdr
const CONTROL_BYTES = 32; // CMSG_SPACE(sizeof(struct in_pktinfo))
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const IP_PKTINFO = 8;
const MSG_DONTWAIT = 0x40;
const BUFFER_BYTES = 16_777_216;

interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  close(fd: number): number;
  getsockname(fd: number, address: Uint8Array, length: Uint8Array): number;
  sendmmsg(fd: number, headers: bigint, count: number, flags: number): number;
  recvmmsg(fd: number, headers: bigint, count: number, flags: number, timeout: null): number;
}

let libc: Libc | undefined;

function loadLibc(): Libc {
  const library = koffi.load('libc.so.6');
  return {
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, const void *, uint32_t)'),
    setsockopt: library.func('int setsockopt(int, int, int, const void *, uint32_t)'),
    close: library.func('int close(int)'),
    getsockname: library.func('int getsockname(int, _Out_ void *, _Inout_ void *)'),
    sendmmsg: library.func('int sendmmsg(int, void *, uint32_t, int)'),
    recvmmsg: library.func('int recvmmsg(int, void *, uint32_t, int, void *)'),
  };
}

function ipv4Bytes(host: string): number[] {
  const bytes = host.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((b) => !(b >= 0 && b <= 255)))
    throw new Error(`"${host}" is not an IPv4 address`);
  return bytes;
}

function socketAddress(host: string, port: number): Uint8Array {
  return Uint8Array.from([AF_INET, 0, port >> 8, port & 255, ...ipv4Bytes(host), 0, 0, 0, 0, 0, 0, 0, 0]);
}

/** Native memory that headers point into, and the same memory as a Buffer. */
function arena(bytes: number): { memory: Buffer; base: bigint } {
  const pointer = koffi.alloc('uint8_t', bytes);
  const memory = Buffer.from(koffi.view(pointer, bytes));
  memory.fill(0);
  return { memory, base: koffi.address(pointer) };
}

export class BurstSocket {
  readonly port: number;
  /** Messages that the kernel did not take. */
  sendFailures = 0;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #send: Buffer;
  readonly #sendHeaders: readonly bigint[];
  readonly #lengths: DataView;
  readonly #receive: Buffer;
  readonly #receiveHeaders: bigint;
  readonly #receiveLengths: DataView;
  #queued = 0;

  /** Binds `port` (0 for any) on every local address; everything sent goes to one destination. Throws on failure. */
  constructor(port: number, destinationHost: string, destinationPort: number) {
    libc ??= loadLibc();
    this.#libc = libc;
    this.#fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
    const size = Uint8Array.from([0, 0, 0, 0]);
    new DataView(size.buffer).setInt32(0, BUFFER_BYTES, true);
    for (const option of [SO_RCVBUF, SO_RCVBUFFORCE, SO_SNDBUF, SO_SNDBUFFORCE]) {
      libc.setsockopt(this.#fd, SOL_SOCKET, option, size, 4); // the forced kind needs a privilege, and may fail
    }
    if (libc.bind(this.#fd, socketAddress('0.0.0.0', port), 16) !== 0) {
      libc.close(this.#fd);
      throw new Error(`UDP port ${port} cannot be bound`);
    }
    const bound = new Uint8Array(16);
    libc.getsockname(this.#fd, bound, Uint8Array.from([16, 0, 0, 0]));
    this.port = (bound[2]! << 8) | bound[3]!;

    const send = arena(BATCH * (HEADER_BYTES + 16 + CONTROL_BYTES + SLOT_BYTES) + 16);
    const receive = arena(BATCH * (HEADER_BYTES + 16 + SLOT_BYTES));
    const iovecs = BATCH * HEADER_BYTES;
    const controls = iovecs + BATCH * 16;
    const slots = controls + BATCH * CONTROL_BYTES;
    const destination = slots + BATCH * SLOT_BYTES;
    send.memory.set(socketAddress(destinationHost, destinationPort), destination);
    for (let i = 0; i < BATCH; i++) {
      const header = i * HEADER_BYTES;
      const control = controls + i * CONTROL_BYTES;
      send.memory.writeBigUInt64LE(send.base + BigInt(destination), header);
      send.memory.writeUInt32LE(16, header + 8);
      send.memory.writeBigUInt64LE(send.base + BigInt(iovecs + i * 16), header + 16);
      send.memory.writeBigUInt64LE(1n, header + 24);
      send.memory.writeBigUInt64LE(send.base + BigInt(control), header + 32);
      send.memory.writeBigUInt64LE(BigInt(CONTROL_BYTES), header + 40);
      send.memory.writeBigUInt64LE(28n, control); // cmsg_len; then level IPPROTO_IP 0 and the type
      send.memory.writeUInt32LE(IP_PKTINFO, control + 12);
      send.memory.writeBigUInt64LE(send.base + BigInt(slots + i * SLOT_BYTES), iovecs + i * 16);
      receive.memory.writeBigUInt64LE(receive.base + BigInt(iovecs + i * 16), header + 16);
      receive.memory.writeBigUInt64LE(1n, header + 24);
      receive.memory.writeBigUInt64LE(receive.base + BigInt(controls + i * SLOT_BYTES), iovecs + i * 16);
      receive.memory.writeBigUInt64LE(BigInt(SLOT_BYTES), iovecs + i * 16 + 8);
    }
    this.#send = send.memory;
    this.#sendHeaders = Array.from({ length: BATCH }, (_, i) => send.base + BigInt(i * HEADER_BYTES));
    this.#lengths = new DataView(send.memory.buffer, send.memory.byteOffset);
    this.#receive = receive.memory;
    this.#receiveHeaders = receive.base;
    this.#receiveLengths = new DataView(receive.memory.buffer, receive.memory.byteOffset);
  }

  /** The bytes that messages are written into. */
  get out(): Buffer {
    return this.#send;
  }

  /** Where the next message begins in `out`; up to 2,048 bytes. */
  get nextAt(): number {
    return BATCH * (HEADER_BYTES + 16 + CONTROL_BYTES) + this.#queued * SLOT_BYTES;
  }

  /** Queues the message written at `nextAt`, from the given source address (network order in one number). */
  push(lengthBytes: number, sourceAddress: number): void {
    const i = this.#queued;
    this.#lengths.setUint32(BATCH * HEADER_BYTES + i * 16 + 8, lengthBytes, true);
    this.#lengths.setUint32(BATCH * (HEADER_BYTES + 16) + i * CONTROL_BYTES + 20, sourceAddress, false);
    if (++this.#queued === BATCH) this.flush();
  }

  /** Sends what is queued. What the kernel refuses is counted and lost, like any datagram. */
  flush(): void {
    let sent = 0;
    while (sent < this.#queued) {
      const n = this.#libc.sendmmsg(this.#fd, this.#sendHeaders[sent]!, this.#queued - sent, MSG_DONTWAIT);
      if (n <= 0) {
        this.sendFailures += this.#queued - sent;
        break;
      }
      sent += n;
    }
    this.#queued = 0;
  }

  /** Hands over up to one batch of datagrams; returns how many there were. The bytes are valid during the call. */
  receive(take: (bytes: Buffer, start: number, end: number) => void): number {
    const n = this.#libc.recvmmsg(this.#fd, this.#receiveHeaders, BATCH, MSG_DONTWAIT, null);
    for (let i = 0; i < n; i++) {
      const start = BATCH * (HEADER_BYTES + 16) + i * SLOT_BYTES;
      take(this.#receive, start, start + this.#receiveLengths.getUint32(i * HEADER_BYTES + 56, true));
    }
    return n;
  }

  /** Whether the last `receive` may have left more behind. */
  static readonly batch: number = BATCH;

  close(): void {
    this.#libc.close(this.#fd);
  }
}
