// How far the demo is: lines that stay, and below them on a terminal one that is written over and over. A pipe gets the lines alone.
import { isScreen, type Output } from '../../terminal.ts';
import { type DemoPlan, type PhaseName, phaseAt, surgeEndsAt } from './plan.ts';
import type { CallTick } from './timeline.ts';
import { grouped } from './timeline-text.ts';

export interface Progress {
  /** Whether `status` is seen by anybody. */
  readonly isLive: boolean;
  print(text: string): void;
  status(text: string): void;
  /** The line that is written over is gone. */
  end(): void;
}

// ECMA-48: to the begin of the line, and erase it; the cursor hidden and shown.
const erase = '\r\u001b[K';
const hide = '\u001b[?25l';
const show = '\u001b[?25h';

export function openProgress(out: Output, environment: NodeJS.ProcessEnv = process.env): Progress {
  if (!isScreen(out, environment)) {
    return { isLive: false, print: (text) => void out.write(`${text}\n`), status() {}, end() {} };
  }
  let line = '';
  const draw = (): string => (line === '' ? '' : line.slice(0, (out.columns ?? 80) - 1));
  return {
    isLive: true,
    print: (text) => void out.write(line === '' ? `${text}\n` : `${erase}${text}\n${draw()}`),
    status(text) {
      const before = line === '' ? hide : '';
      line = text;
      out.write(`${before}${erase}${draw()}`);
    },
    end() {
      if (line !== '') out.write(`${erase}${show}`);
      line = '';
    },
  };
}

const barWidth = 24;

/**
 * `  surge       ███████▌··········  24 s of about 50   offered 4 003/s   GETS completed 812 of 812`. `elapsedMs`: since calls began;
 * `calls`: what the callers have seen, the newest last.
 */
export function progressText(plan: DemoPlan, elapsedMs: number, calls: readonly CallTick[]): string {
  const phase = phaseAt(plan, Math.floor(elapsedMs / 1000));
  const until = surgeEndsAt(plan);
  const seconds = Math.floor(elapsedMs / 1000);
  const doneRatio = Math.min(1, elapsedMs / 1000 / until);
  const full = Math.floor(doneRatio * barWidth);
  const bar = `${'█'.repeat(full)}${'·'.repeat(barWidth - full)}`;
  const time = phase === 'after' ? `${seconds - until} s since it ended` : `${seconds} s of ${until}`;
  const last = calls.at(-1);
  const offered = last === undefined ? '' : `   offered ${grouped(offeredPerSecond(calls))}/s`;
  const gets = last === undefined ? '' : `   GETS completed ${last.getsCompleted} of ${last.getsOffered}`;
  return `  ${phaseText[phase]}  ${bar}  ${time}${offered}${gets}`;
}

const phaseText: Readonly<Record<PhaseName, string>> = {
  calm: 'calm      ',
  onset: 'onset     ',
  surge: 'SURGE     ',
  after: 'recovering',
};

/** Over the last second of what is known. */
function offeredPerSecond(calls: readonly CallTick[]): number {
  const last = calls.at(-1)!;
  const from = calls.findLast(({ atMs }) => atMs <= last.atMs - 1000) ?? calls[0]!;
  const ms = last.atMs - from.atMs;
  if (ms <= 0) return 0;
  return Math.round(((last.offered + last.getsOffered - from.offered - from.getsOffered) * 1000) / ms);
}
