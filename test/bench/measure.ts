// One measured stretch: load on core 1 against a server on core 0.
import type { CallerOptions, CallerReport } from '../../src/lab/caller-options.ts';
import { type PinnedProcess, startPinned } from './pinned-process.ts';

export interface Stretch {
  readonly reports: readonly CallerReport[];
  /** CPU time of the server over the window, in seconds per second (0 to 1 with one worker). */
  readonly serverCpuRatio: number;
  readonly windowSeconds: number;
}

export const tsx = [process.execPath, '--no-warnings', '--import', 'tsx'];
const here = (file: string): string => new URL(file, import.meta.url).pathname;

/** Runs the callers; the window begins `warmUpMs` after the start. Rejects when the load process fails. */
export async function measure(
  server: PinnedProcess,
  callers: readonly CallerOptions[],
  warmUpMs: number,
  favoured: boolean,
): Promise<Stretch> {
  let reports: CallerReport[] | undefined;
  let begin = { cpuMs: 0, atMs: 0 };
  let end = begin;
  const load = startPinned(
    1,
    [...tsx, here('load.ts'), JSON.stringify({ callers, warmUpMs, serverGroup: server.pid })],
    {
      favoured,
      onLine: (line) => {
        const message = JSON.parse(line) as { event: string; atMs: number; cpuMs: number; reports?: CallerReport[] };
        if (message.event === 'begin') begin = message;
        else if (message.event === 'end') end = message;
        else reports = message.reports;
      },
    },
  );
  await new Promise<void>((resolve) => load.child.once('close', () => resolve()));
  if (reports === undefined) throw new Error(`the load process failed:\n${load.output()}`);
  if (server.child.exitCode !== null) throw new Error(`the server ended during the load:\n${server.output()}`);
  const windowMs = end.atMs - begin.atMs;
  return { reports, serverCpuRatio: (end.cpuMs - begin.cpuMs) / windowMs, windowSeconds: windowMs / 1000 };
}

/** Starts the callee beside the load; returns its `HOST:PORT`. */
export async function startUas(favoured: boolean): Promise<{ process: PinnedProcess; address: string }> {
  let found: (address: string) => void = () => {};
  const address = new Promise<string>((resolve) => {
    found = resolve;
  });
  const uas = startPinned(1, [...tsx, here('uas.ts')], {
    favoured,
    onLine: (line) => found((JSON.parse(line) as { addresses: string[] }).addresses[0]?.slice(4) ?? ''),
  });
  const failed = new Promise<never>((_, reject) => {
    uas.child.once('exit', () => reject(new Error(`the callee ended:\n${uas.output()}`)));
  });
  failed.catch(() => {});
  return { process: uas, address: await Promise.race([address, failed]) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
