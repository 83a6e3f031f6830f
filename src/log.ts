// The log: JSON lines on standard output by pino, readable ones on a terminal. One line per change of state; what
// traffic can cause goes through `limited`, so that a flood cannot fill a disk.
import { Writable } from 'node:stream';
import { type DestinationStream, destination, pino } from 'pino';
import { createLogLimit } from './log-limit.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
/** Facts of a line. Units stand in the names; an Error goes under `err`. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** At most one line per cause in 10 seconds; the next line says under `suppressed` how many were left out. */
  limited(cause: string, level: LogLevel, message: string, fields?: LogFields): void;
  setLevel(level: LogLevel): void;
}

export interface LogOptions {
  level: LogLevel;
  /** Where lines go; default: standard output, readable if it is a terminal. */
  to?: DestinationStream;
  /** Milliseconds of any steady clock, for `limited`. */
  nowMs?: () => number;
}

export function createLog(options: LogOptions): Log {
  const logger = pino(
    {
      level: options.level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
    },
    options.to ?? standardOutput(),
  );
  const nowMs = options.nowMs ?? (() => performance.now());
  const limit = createLogLimit({ intervalMs: 10_000, maxCauses: 1000 });
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    limited(cause, level, message, fields = {}) {
      if (!logger.isLevelEnabled(level)) return;
      const suppressed = limit(cause, nowMs());
      if (suppressed === undefined) return;
      logger[level](suppressed === 0 ? { ...fields, cause } : { ...fields, cause, suppressed }, message);
    },
    setLevel(level) {
      logger.level = level;
    },
  };
}

// Lines are written when the loop is idle: a slow reader of the log must not stop calls. Past 1 MiB they are lost.
function standardOutput(): DestinationStream {
  if (process.stdout.isTTY) return readable(process.stdout);
  return destination({ dest: 1, sync: false, maxLength: 1_048_576 });
}

/** Turns pino's JSON lines into `12:30:05 info  message  key=value`. */
export function readable(to: NodeJS.WritableStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      const { level, time, pid: _pid, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
      const facts = Object.entries(fields).map(([key, value]) => `  ${key}=${fact(value)}`);
      to.write(`${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg ?? '')}${facts.join('')}\n`);
      done();
    },
  });
}

function fact(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  return JSON.stringify(value);
}
