// A Unix datagram socket to the service manager, by libc through koffi: Node has none.
import { constants } from 'node:os';

export interface NotifySocket {
  /** False where the manager's queue is full: try again. Throws where it cannot be reached. */
  send(text: string): boolean;
  close(): void;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** unix(7): `sun_path` has 108 bytes, of which one ends the text. */
const mostPathBytes = 107;

/** `/run/systemd/notify`, or `@name` in the abstract namespace. Rejects with one line where there can be none. */
export async function openNotifySocket(where: string): Promise<NotifySocket> {
  const address = unixAddress(where);
  if (process.platform !== 'linux') throw new Error(`not on ${process.platform}`);
  const { default: koffi } = await import('koffi');
  const lib = koffi.load(null);
  const socket = lib.func('int socket(int, int, int)');
  const sendto = lib.func('intptr_t sendto(int, void *, size_t, int, void *, unsigned int)');
  const close = lib.func('int close(int)');
  const fd: number = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new Error(`socket: errno ${koffi.errno()}`);
  return {
    send(text) {
      const bytes = Buffer.from(text);
      if (sendto(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length) >= 0) return true;
      const errno = koffi.errno();
      if (errno === constants.errno.EAGAIN || errno === constants.errno.EINTR) return false;
      throw new Error(`sendto ${where}: errno ${errno}`);
    },
    close: () => void close(fd),
  };
}

/** A `sockaddr_un`: an abstract name begins with a zero and has no end mark (unix(7)). */
export function unixAddress(where: string): Buffer {
  const path = Buffer.from(where);
  const isAbstract = where.startsWith('@');
  if (!(isAbstract || where.startsWith('/')) || path.length < 2) {
    throw new Error(`"${where}" is neither an absolute path nor @NAME`);
  }
  if (path.length > mostPathBytes) throw new Error(`"${where}" is longer than ${mostPathBytes} bytes`);
  if (isAbstract) path[0] = 0;
  const bytes = Buffer.alloc(2 + path.length + (isAbstract ? 0 : 1));
  bytes.writeUInt16LE(AF_UNIX, 0);
  path.copy(bytes, 2);
  return bytes;
}
