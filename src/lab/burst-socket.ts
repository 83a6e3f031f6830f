// A UDP socket of the load generator: many messages per system call through libc (sendmmsg, recvmmsg), a source address
// chosen per message (IP_PKTINFO), so that one socket speaks for any number of hosts in 127.0.0.0/8, and equally long
// messages of one source handed to the kernel as one (UDP_SEGMENT), which then sends each as a datagram of its own.
// Linux, 64 bit, little endian.
import koffi from 'koffi';

const BATCH = 128;
const MAX_SEGMENTS = 64; // UDP_MAX_SEGMENTS
const MAX_TRAIN_BYTES = 60_000;
const SLOT_BYTES = 2048;
const HEADER_BYTES = 64; // struct mmsghdr
const PKTINFO_BYTES = 32; // CMSG_SPACE(sizeof(struct in_pktinfo))
const CONTROL_BYTES = PKTINFO_BYTES + 24; // and CMSG_SPACE(sizeof(uint16_t))
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const IP_PKTINFO = 8;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
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
  readonly #memory: DataView;
  readonly #receive: Buffer;
  readonly #receiveHeaders: bigint;
  readonly #receiveLengths: DataView;
  readonly #sendBase: bigint;
  /** Messages written, and trains of equal messages that they form: one mmsghdr each. */
  #queued = 0;
  #trains = 0;
  #trainFirst = 0;
  #trainLength = 0;
  #trainSegments = 0;
  #trainSource = 0;
  #segmentation = true;

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
      send.memory.writeBigUInt64LE(send.base + BigInt(control), header + 32);
      send.memory.writeBigUInt64LE(28n, control); // cmsg_len; then level IPPROTO_IP 0 and the type
      send.memory.writeUInt32LE(IP_PKTINFO, control + 12);
      send.memory.writeBigUInt64LE(18n, control + PKTINFO_BYTES);
      send.memory.writeUInt32LE(SOL_UDP, control + PKTINFO_BYTES + 8);
      send.memory.writeUInt32LE(UDP_SEGMENT, control + PKTINFO_BYTES + 12);
      send.memory.writeBigUInt64LE(send.base + BigInt(slots + i * SLOT_BYTES), iovecs + i * 16);
      receive.memory.writeBigUInt64LE(receive.base + BigInt(iovecs + i * 16), header + 16);
      receive.memory.writeBigUInt64LE(1n, header + 24);
      receive.memory.writeBigUInt64LE(receive.base + BigInt(controls + i * SLOT_BYTES), iovecs + i * 16);
      receive.memory.writeBigUInt64LE(BigInt(SLOT_BYTES), iovecs + i * 16 + 8);
    }
    this.#send = send.memory;
    this.#sendBase = send.base;
    this.#sendHeaders = Array.from({ length: BATCH }, (_, i) => send.base + BigInt(i * HEADER_BYTES));
    this.#memory = new DataView(send.memory.buffer, send.memory.byteOffset);
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
    const slot = this.#queued++;
    this.#memory.setUint32(BATCH * HEADER_BYTES + slot * 16 + 8, lengthBytes, true);
    if (
      this.#segmentation &&
      this.#trainSegments > 0 &&
      lengthBytes === this.#trainLength &&
      sourceAddress === this.#trainSource &&
      this.#trainSegments < MAX_SEGMENTS &&
      (this.#trainSegments + 1) * lengthBytes <= MAX_TRAIN_BYTES
    ) {
      this.#trainSegments++;
    } else {
      this.#endTrain();
      this.#trainLength = lengthBytes;
      this.#trainSource = sourceAddress;
      this.#trainSegments = 1;
      this.#trainFirst = slot;
    }
    if (this.#queued === BATCH) this.flush();
  }

  #endTrain(): void {
    if (this.#trainSegments === 0) return;
    const header = this.#trains * HEADER_BYTES;
    const control = BATCH * (HEADER_BYTES + 16) + this.#trains * CONTROL_BYTES;
    this.#memory.setBigUint64(header + 16, this.#sendBase + BigInt(BATCH * HEADER_BYTES + this.#trainFirst * 16), true);
    this.#memory.setUint32(header + 24, this.#trainSegments, true);
    this.#memory.setUint32(header + 40, this.#trainSegments > 1 ? CONTROL_BYTES : PKTINFO_BYTES, true);
    this.#memory.setUint32(control + 20, this.#trainSource, false);
    this.#memory.setUint16(control + PKTINFO_BYTES + 16, this.#trainLength, true);
    this.#trains++;
    this.#trainSegments = 0;
  }

  /** Sends what is queued. What the kernel refuses is counted and lost, like any datagram. */
  flush(): void {
    this.#endTrain();
    let sent = 0;
    while (sent < this.#trains) {
      const n = this.#libc.sendmmsg(this.#fd, this.#sendHeaders[sent]!, this.#trains - sent, MSG_DONTWAIT);
      if (n <= 0) {
        // Without UDP_SEGMENT (before Linux 4.18) trains are refused: from now on one message each.
        this.#segmentation = false;
        this.sendFailures += this.#trains - sent;
        break;
      }
      sent += n;
    }
    this.#queued = 0;
    this.#trains = 0;
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
