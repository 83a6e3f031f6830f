// Reads the tables of the kernel's sockets, /proc/net/udp, udp6, tcp and tcp6 (proc_net(5), net/ipv4/udp.c and tcp_ipv4.c of
// Linux), from their bytes: a line is a socket, its fields stand between blanks.
//
//   sl: local_address:port rem_address:port st tx_queue:rx_queue tr:when retrnsmt uid timeout inode ref pointer drops
//
// Queues, ports and the state are hexadecimal, the inode and the drops (UDP only) decimal.

/** The state of a listening socket (TCP_LISTEN). */
export const listenState = 0x0a;

/** One line; the same object for every line of a call. */
export interface ProcNetRow {
  /** The local address: hexadecimal digits at bytes[addressStart, addressEnd). */
  addressStart: number;
  addressEnd: number;
  localPort: number;
  state: number;
  /** Bytes; the connections that wait to be accepted where the state is `listenState`. */
  receiveQueue: number;
  transmitQueue: number;
  inode: number;
  /** Datagrams dropped since the socket was opened, modulo 2^32; 0 for TCP, whose rows have something else there. */
  drops: number;
}

const newline = 10;
const blank = 32;
const minus = 45;
const colon = 58;
/** Places of the fields in a line, from 0. */
const fieldOf = { address: 1, state: 3, queues: 4, inode: 9, drops: 12 } as const;

/**
 * Calls `visit` for every whole line of bytes[0, end) that is a socket; heads of tables and lines that are something else are
 * passed over. Returns where the last whole line ended, so that the rest can be put before what is read next.
 */
export function readRows(
  protocol: 'udp' | 'tcp',
  bytes: Uint8Array,
  end: number,
  visit: (row: ProcNetRow) => void,
): number {
  const fieldsRead = protocol === 'udp' ? fieldOf.drops + 1 : fieldOf.inode + 1;
  const row: ProcNetRow = {
    addressStart: 0,
    addressEnd: 0,
    localPort: 0,
    state: 0,
    receiveQueue: 0,
    transmitQueue: 0,
    inode: 0,
    drops: 0,
  };
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf(newline, at);
    if (lineEnd < 0 || lineEnd >= end) return at;
    if (readRow(bytes, at, lineEnd, fieldsRead, row)) visit(row);
    at = lineEnd + 1;
  }
}

/** False where one of the fields is missing or is no number. */
function readRow(bytes: Uint8Array, start: number, end: number, fieldsRead: number, row: ProcNetRow): boolean {
  let field = 0;
  let at = start;
  while (at < end && field < fieldsRead) {
    if (bytes[at] === blank) {
      at++;
      continue;
    }
    let stop = at + 1;
    while (stop < end && bytes[stop] !== blank) stop++;
    if (!readField(bytes, field, at, stop, row)) return false;
    field++;
    at = stop;
  }
  return field === fieldsRead;
}

function readField(bytes: Uint8Array, field: number, start: number, end: number, row: ProcNetRow): boolean {
  switch (field) {
    case fieldOf.address: {
      const port = colonOf(bytes, start, end);
      row.addressStart = start;
      row.addressEnd = port;
      row.localPort = hex(bytes, port + 1, end);
      return row.localPort >= 0 && port > start;
    }
    case fieldOf.state:
      row.state = hex(bytes, start, end);
      return row.state >= 0;
    case fieldOf.queues: {
      const receive = colonOf(bytes, start, end);
      row.transmitQueue = hex(bytes, start, receive);
      row.receiveQueue = hex(bytes, receive + 1, end);
      return row.transmitQueue >= 0 && row.receiveQueue >= 0;
    }
    case fieldOf.inode:
      row.inode = decimal(bytes, start, end);
      return row.inode >= 0;
    case fieldOf.drops: {
      // Kernels before 6 print it with a sign.
      const isNegative = bytes[start] === minus;
      const drops = decimal(bytes, isNegative ? start + 1 : start, end);
      row.drops = isNegative ? 2 ** 32 - drops : drops;
      return drops >= 0;
    }
    default:
      return true;
  }
}

function colonOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== colon) at++;
  return at;
}

/** -1 for what is no number, or none that a double holds. */
function hex(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || end - start > 13) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    const lower = c | 0x20;
    if (c >= 48 && c <= 57) value = value * 16 + c - 48;
    else if (lower >= 97 && lower <= 102) value = value * 16 + lower - 87;
    else return -1;
  }
  return value;
}

function decimal(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || end - start > 15) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    if (c < 48 || c > 57) return -1;
    value = value * 10 + c - 48;
  }
  return value;
}

/**
 * The local address of a row as `parseAddress` and `net.SocketAddress` take it: four numbers with dots or eight groups of
 * hexadecimal digits; '' for what is neither. The kernel prints words of 32 bits in the order of the machine's bytes.
 */
export function rowAddress(bytes: Uint8Array, row: ProcNetRow, isLittleEndian: boolean): string {
  const digits = row.addressEnd - row.addressStart;
  if (digits !== 8 && digits !== 32) return '';
  const octets: number[] = [];
  for (let word = row.addressStart; word < row.addressEnd; word += 8) {
    for (let i = 0; i < 4; i++) {
      const at = word + 2 * (isLittleEndian ? 3 - i : i);
      octets.push(hex(bytes, at, at + 2));
    }
  }
  if (octets.includes(-1)) return '';
  if (octets.length === 4) return octets.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (octets[2 * i]! * 256 + octets[2 * i + 1]!).toString(16));
  return groups.join(':');
}
