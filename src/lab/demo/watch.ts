// What an operator can see of the demo while it runs: the orchestrator's event feed and the orders of each application, by the
// congestion API; the edge's status; the processor time of processes.
import { readFileSync } from 'node:fs';
import { createParser } from 'eventsource-parser';
import { request } from 'undici';
import type { Transition } from '../../congestion/north-messages.ts';
import type { ModeReport, Orders } from '../../congestion/orders.ts';
import { parseProcess } from '../../orchestrator/adapters/advise.ts';

export interface Places {
  /** `http://host:port` of each. */
  readonly orchestrator: string;
  readonly edge: string;
  readonly operatorToken: string;
}

export interface EdgeSight {
  readonly mode: string;
  readonly boundaryPerSecond: number | null;
  readonly orchestrators: readonly { readonly up: boolean }[];
}

export interface Sight {
  readonly mode: Pick<ModeReport, 'mode' | 'causes'>;
  readonly edge: EdgeSight;
  /** Of those that are registered. */
  readonly orders: ReadonlyMap<string, Orders>;
}

const timeoutMs = 2000;

/** Everything as it is now; undefined where one of them does not answer in time. */
export async function look(places: Places, applications: readonly string[]): Promise<Sight | undefined> {
  try {
    const [mode, edge, ...orders] = await Promise.all([
      get(`${places.orchestrator}/v1/mode`, places.operatorToken),
      get(`${places.edge}/v1/status`),
      ...applications.map((name) => get(`${places.orchestrator}/v1/applications/${name}/orders`, places.operatorToken)),
    ]);
    if (mode === undefined || edge === undefined) return undefined;
    const found = applications.flatMap((name, i) => {
      const own = orders[i] as Orders | undefined;
      return own === undefined ? [] : [[name, own] as const];
    });
    return { mode: mode as ModeReport, edge: edge as EdgeSight, orders: new Map(found) };
  } catch {
    return undefined;
  }
}

/** Nothing is asked of anybody, nobody is limited, and everyone is registered. */
export function isSettled({ mode, edge, orders }: Sight, applications: readonly string[]): boolean {
  if (mode.mode !== 'L0' || edge.mode !== 'L0') return false;
  return applications.every((name) => {
    const own = orders.get(name);
    return own !== undefined && own.notices.length === 0 && own.forced.length === 0 && !own.suspended;
  });
}

/** Calls back with each change of the host's mode, until `signal` says so or the orchestrator ends. Never rejects. */
export async function follow(
  { orchestrator, operatorToken }: Places,
  onTransition: (transition: Transition) => void,
  signal: AbortSignal,
): Promise<void> {
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === 'transition') onTransition(JSON.parse(data) as Transition);
    },
  });
  try {
    const headers = { authorization: `Bearer ${operatorToken}` };
    const { body } = await request(`${orchestrator}/v1/events`, { headers, signal });
    const decoder = new TextDecoder();
    for await (const chunk of body) parser.feed(decoder.decode(chunk as Buffer, { stream: true }));
  } catch {
    // it was ended
  }
}

export interface CpuMeter {
  /** Cores that each process used since the last call; those that are gone, and at the first call all, are left out. */
  read(): Readonly<Record<string, number>>;
}

/** proc(5): ticks of 10 ms. */
export function meterProcesses(pids: Readonly<Record<string, number>>): CpuMeter {
  const before = new Map<string, { ticks: number; atMs: number }>();
  return {
    read() {
      const used = Object.entries(pids).flatMap(([name, pid]) => {
        const now = { ticks: ticksOf(pid), atMs: performance.now() };
        const last = before.get(name);
        before.set(name, now);
        if (last === undefined || now.ticks < last.ticks) return [];
        return [[name, ((now.ticks - last.ticks) * 10) / (now.atMs - last.atMs)] as const];
      });
      return Object.fromEntries(used);
    },
  };
}

function ticksOf(pid: number): number {
  try {
    const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
    return parseProcess(read('stat'), read('status'))?.ticks ?? 0;
  } catch {
    return 0;
  }
}

async function get(url: string, token?: string): Promise<unknown> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { statusCode, body } = await request(url, { headers, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  const text = await body.text();
  return statusCode === 200 ? JSON.parse(text) : undefined;
}
