// Tells the service manager how the process fares (sd_notify(3)): ready, reloading, stopping, a line of status, and from its own event
// loop that it is alive. Does nothing where the manager has not asked for it by NOTIFY_SOCKET.
import { type NotifySocket, openNotifySocket } from './notify-socket.ts';

export interface ServiceNotify {
  /** It serves; also after a reload, whether that was applied or refused. */
  ready(): void;
  reloading(): void;
  /** It ends, and may need so long for it. */
  stopping(withinSeconds: number): void;
  /** After the last word. */
  close(): void;
}

export interface ServiceNotifyOptions {
  /** What `systemctl status` shows; asked for once a second, told where it has changed. */
  readonly status: () => string;
  readonly warn: (message: string) => void;
  /** Default: that of the process, from which NOTIFY_SOCKET is taken away, so that no child speaks for it. */
  readonly env?: NodeJS.ProcessEnv;
}

const statusMs = 1000;
/** Between two tries while the manager does not read. */
const againMs = 50;
/** Messages that wait for it. What is more is lost: it has not read for long, or never will. */
const mostWaiting = 16;
/** Of these only the newest counts. */
const replaced = /^(STATUS|WATCHDOG)=/;

const nobody: ServiceNotify = { ready() {}, reloading() {}, stopping() {}, close() {} };

/** Where the socket cannot be had, `warn` is told once and the process runs on unwatched. */
export async function notifyService({ status, warn, env = process.env }: ServiceNotifyOptions): Promise<ServiceNotify> {
  const where = env.NOTIFY_SOCKET;
  if (where === undefined || where === '') return nobody;
  const aliveMs = watchdogMs(env) / 2;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  let socket: NotifySocket;
  try {
    socket = await openNotifySocket(where);
  } catch (error) {
    warn(`the service manager is not told anything: ${messageOf(error)}`);
    return nobody;
  }
  const { tell, end } = teller(socket, warn);
  let told = '';
  let isStopping = false;
  const tellStatus = () => {
    const line = status().replaceAll(/\s+/g, ' ');
    if (line !== told) tell(`STATUS=${line}`);
    told = line;
  };
  const timers = [setInterval(tellStatus, statusMs)];
  if (aliveMs > 0) timers.push(setInterval(() => tell('WATCHDOG=1'), aliveMs));
  for (const timer of timers) timer.unref();
  return {
    ready() {
      if (isStopping) return;
      tell('READY=1');
      tellStatus();
    },
    reloading() {
      // the time tells this reload from one that was asked for later
      if (!isStopping) tell(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    },
    stopping(withinSeconds) {
      isStopping = true;
      tell(`STOPPING=1\nEXTEND_TIMEOUT_USEC=${Math.ceil(withinSeconds * 1e6)}`);
      tellStatus();
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      end();
    },
  };
}

/** In order: what finds no room waits for the next try, and all that follows behind it. */
function teller(socket: NotifySocket, warn: (message: string) => void): { tell(text: string): void; end(): void } {
  const waiting: string[] = [];
  let again: NodeJS.Timeout | undefined;
  let hasFailed = false;
  const flush = () => {
    again = undefined;
    try {
      while (waiting.length > 0 && socket.send(waiting[0]!)) waiting.shift();
      hasFailed = false;
    } catch (error) {
      waiting.length = 0;
      if (!hasFailed) warn(`the service manager cannot be told: ${messageOf(error)}`);
      hasFailed = true;
    }
    if (waiting.length > 0) again = setTimeout(flush, againMs).unref();
  };
  return {
    tell(text) {
      const kind = replaced.exec(text)?.[0];
      const older = kind === undefined ? -1 : waiting.findIndex((one) => one.startsWith(kind));
      if (older >= 0) waiting.splice(older, 1);
      if (waiting.length >= mostWaiting) return;
      waiting.push(text);
      if (again === undefined) flush();
    },
    end() {
      clearTimeout(again);
      socket.close();
    },
  };
}

/** How often the manager wants to hear from this process at least, ms; 0: it does not. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number {
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return 0;
  const ms = Number(WATCHDOG_USEC ?? 0) / 1000;
  return Number.isFinite(ms) && ms >= 1 ? ms : 0;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message.split('\n')[0]! : String(error));
