// The service manager's end of sd_notify(3): a Unix datagram socket that keeps what it is told.
import koffi from 'koffi';
import { unixAddress } from '../../src/notify-socket.ts';

const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK = 2 | 0o4000;

export interface NotifyReceiver {
  /** All messages so far, oldest first. */
  messages(): readonly string[];
  close(): void;
}

/** `where` as NOTIFY_SOCKET has it. Throws where it cannot be bound. */
export function notifyReceiver(where: string): NotifyReceiver {
  const lib = koffi.load(null);
  const socket = lib.func('int socket(int, int, int)');
  const bind = lib.func('int bind(int, void *, unsigned int)');
  const recv = lib.func('intptr_t recv(int, void *, size_t, int)');
  const close = lib.func('int close(int)');
  const fd: number = socket(AF_UNIX, SOCK_DGRAM_NONBLOCK, 0);
  const address = unixAddress(where);
  if (bind(fd, address, address.length) < 0) throw new Error(`bind ${where}: errno ${koffi.errno()}`);
  const kept: string[] = [];
  const buffer = Buffer.alloc(4096);
  return {
    messages() {
      for (;;) {
        const length = Number(recv(fd, buffer, buffer.length, 0));
        if (length < 0) return kept;
        kept.push(buffer.toString('utf8', 0, length));
      }
    },
    close: () => void close(fd),
  };
}
