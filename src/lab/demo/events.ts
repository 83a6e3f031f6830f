// What happens in the demo, from what each of its processes says: the orchestrator's event feed and log, the edge's log, the lines of
// the example applications. Lines that tell of nothing that is shown give nothing.
import type { Transition } from '../../congestion/north-messages.ts';

const deeds = ['asked', 'complied', 'forced', 'suspended', 'resumed', 'lifted'] as const;
/** What the orchestrator does to an application (orchestrator/shedding/phase.ts). */
export type Deed = (typeof deeds)[number];

export interface DemoEvent {
  /** Unix time, ms. */
  readonly atMs: number;
  /** `host`, or the application. */
  readonly who: string;
  /** `mode`: it changed; `limits`: what was set from outside; `self`: what an application does by itself; else a deed. */
  readonly what: Deed | 'mode' | 'limits' | 'self' | 'boundary';
  readonly text: string;
}

type Line = Readonly<Record<string, unknown>>;

export function transitionEvent({ at, from, to, causes }: Transition): DemoEvent {
  const why = causes.length === 0 ? 'nothing asks for more' : causes.join(', ');
  return { atMs: Date.parse(at), who: 'host', what: 'mode', text: `${from} → ${to}: ${why}` };
}

/** One line of the orchestrator's log. */
export function orchestratorEvent(text: string): DemoEvent | undefined {
  const line = jsonLine(text);
  const { msg, application, detail } = line ?? {};
  if (line === undefined || typeof application !== 'string') return undefined;
  const event = { atMs: Date.parse(String(line.time)), who: application };
  const deed = deeds.find((one) => msg === `application ${one}`);
  if (deed !== undefined) return { ...event, what: deed, text: withoutOthers(String(detail)).replace(/^dumped: /, '') };
  if (msg === 'limits set') return { ...event, what: 'limits', text: limitsText(line) };
  if (msg === 'limits cannot be set') return { ...event, what: 'limits', text: `cannot be set: ${line.reason}` };
  return undefined;
}

/** One line of the edge's log: its own running mode, which is the higher of what it sees and what the host is in. */
export function edgeEvent(text: string): DemoEvent | undefined {
  const line = jsonLine(text);
  if (line === undefined || line.msg !== 'running mode changed') return undefined;
  const { from, to, indicators } = line;
  const names = Array.isArray(indicators) ? indicators.filter(isProposal).map(({ name }) => name) : [];
  const why = names.length === 0 ? '' : `: ${[...new Set(names)].join(', ')}`;
  return { atMs: Date.parse(String(line.time)), who: 'surgegate', what: 'mode', text: `${from} → ${to}${why}` };
}

/** One line of an example application that was started with `--events`. */
export function applicationEvent(who: string, text: string): DemoEvent | undefined {
  const line = jsonLine(text);
  if (line === undefined) return undefined;
  const event = { atMs: Date.parse(String(line.at)), who, what: 'self' } as const;
  if (line.event === 'paused') return { ...event, text: 'pauses' };
  if (line.event === 'resumed') return { ...event, text: 'goes on' };
  if (line.event !== 'limit') return undefined;
  const { cores } = line;
  return { ...event, text: typeof cores === 'number' ? `keeps to ${coresText(cores)}` : 'keeps to nothing any more' };
}

/** 0.2 → `0.20 cores`. */
export const coresText = (cores: number): string => `${cores.toFixed(2)} cores`;

function jsonLine(text: string): Line | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

function limitsText({ limits, isSuspended }: Line): string {
  if (isSuspended === true) return 'control group: frozen';
  const { cpuCores } = (limits ?? {}) as { cpuCores?: number };
  return cpuCores === undefined ? 'control group: free' : `control group: ${coresText(cpuCores)}`;
}

/** The demo is about the processor: of memory and disk there is plenty. */
const withoutOthers = (detail: string): string => detail.replace(/,? ?\b(memory|disk|network)Bytes\w* [^,]*/g, '');

const isProposal = (one: { proposes?: string; name?: string } | null): one is { proposes: string; name: string } =>
  one?.proposes !== undefined && one.proposes !== 'L0';
