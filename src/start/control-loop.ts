// Runs the loop: every interval a sample of the Monitor, a step of the Control Function, and its throttle put in force.
import type { ThrottleMark } from '../admission/refusal-ring.ts';
import type { Config } from '../config/schema.ts';
import { ControlFunction } from '../control/control-function.ts';
import type { ControlRules } from '../control/control-rules.ts';
import type { HostSample, LoadSample } from '../control/load-sample.ts';
import type { Orders } from '../control/orders.ts';
import type { Throttle } from '../control/throttle.ts';
import { actuate } from '../edge/actuate.ts';
import type { EdgeParts } from '../edge/parts.ts';
import { outside, type Surroundings, takeSample } from '../edge/sampler.ts';
import { createEventLoopMonitor } from '../monitor/event-loop.ts';
import { createMemoryMonitor } from '../monitor/memory.ts';
import { readNormals, writeNormals } from './saved-normals.ts';

/** RFC 7339 §4.3, the default: a value holds for five samples of 100 ms, so one that is lost or late does no harm. */
const ocValidityMs = 500;

/** How often what is normal is saved. */
const saveMs = 60_000;

export interface ControlLoop {
  readonly control: ControlFunction;
  /** The last of each; undefined before the first. */
  readonly sample: LoadSample | undefined;
  readonly throttle: Throttle | undefined;
  /** Called with every throttle, and the one before it. */
  onThrottle: (throttle: Throttle, before: Throttle | undefined) => void;
  /** To be called every 10 ms: whether the event loop is late. */
  look(): void;
  change(config: Config): void;
  close(): void;
}

export interface ControlLoopParts {
  readonly parts: EdgeParts;
  /** What the engine adds to the host as this process sees it. */
  readonly around: (own: HostSample, nowMs: number) => Surroundings;
  readonly orders: () => Orders;
  /** Where what is normal is kept from one process to the next; undefined: nowhere. */
  readonly directory: string | undefined;
  readonly warn: (message: string) => void;
}

export function startControlLoop(
  config: Config,
  { parts, around, orders, directory, warn }: ControlLoopParts,
): ControlLoop {
  const saved = directory === undefined ? undefined : readNormals(directory, warn);
  const control = new ControlFunction(controlRules(config), saved);
  let isSaving = true;
  const save = () => {
    const failure = isSaving && directory !== undefined ? writeNormals(directory, control.normals) : undefined;
    if (failure === undefined) return;
    isSaving = false;
    warn(`what is normal cannot be kept in ${directory}: a restart learns it anew (${failure})`);
  };
  const saver = setInterval(save, saveMs).unref();
  const eventLoop = createEventLoopMonitor();
  const memory = createMemoryMonitor();
  let last = parts.now();
  let timer: NodeJS.Timeout;
  const loop = {
    control,
    sample: undefined as LoadSample | undefined,
    throttle: undefined as Throttle | undefined,
    onThrottle: (_throttle: Throttle, _before: Throttle | undefined): void => {},
    look: eventLoop.look,
    change(next: Config) {
      control.change(controlRules(next));
      isEnabled = next.control.enabled;
      clearInterval(timer);
      timer = setInterval(step, next.monitor.intervalMs).unref();
    },
    close() {
      clearInterval(timer);
      clearInterval(saver);
      save();
    },
  };
  let isEnabled = config.control.enabled;
  const step = () => {
    const nowMs = parts.now();
    const intervalMs = nowMs - last;
    if (intervalMs <= 0) return;
    last = nowMs;
    const host = { ...eventLoop.sample(), memoryRatio: memory(nowMs) };
    const before = loop.throttle;
    loop.sample = takeSample(parts, around(host, nowMs), nowMs, intervalMs);
    const given = orders();
    loop.throttle = control.step(loop.sample, given, Date.now());
    const inForce = isEnabled ? loop.throttle : unthrottled(loop.throttle);
    actuate(parts, inForce, nowMs);
    parts.refusals.inForce(throttleMark(inForce, control.mode.causes, given));
    loop.onThrottle(loop.throttle, before);
  };
  timer = setInterval(step, config.monitor.intervalMs).unref();
  return loop;
}

/** What refusals are explained by until the next. */
function throttleMark(
  { mode, ordinaryPerSecond, indicators }: Throttle,
  causes: ThrottleMark['causes'],
  { boundaryPerSecond }: Orders,
): ThrottleMark {
  return { mode, causes, ordinaryPerSecond, boundaryPerSecond, indicators };
}

/** `control.enabled: false`: what the operator has placed by hand holds, and nothing else. */
function unthrottled(throttle: Throttle): Throttle {
  const free = Number.POSITIVE_INFINITY;
  const scan = { intervalMs: 0, batch: 0, newestFirst: false, room: 0 };
  return {
    ...throttle,
    ordinaryPerSecond: free,
    passNonEssential: true,
    registrationsPerSecond: free,
    interfaces: throttle.interfaces.map((one) => ({
      ...one,
      newCallsPerSecond: free,
      neighbours: one.neighbours.map(({ name }) => ({ name, newCallsPerSecond: free, isServed: false, oc: undefined })),
      scan,
      pauseReadsMs: 0,
    })),
    switches: throttle.switches.map(({ name }) => ({
      name,
      callsPerSecond: free,
      outstanding: free,
      room: undefined,
      unknownCalls: 0,
    })),
    gaps: throttle.gaps.filter(({ cause }) => cause === 'operator'),
    retryAfterSeconds: 0,
  };
}

function controlRules(config: Config): ControlRules {
  const ranges = outside.map((name) => config.interfaces[name]?.retryAfter).filter((range) => range !== undefined);
  return {
    newCallsPerSecond: config.admission.newCallsPerSecond,
    priorityReserveRatio: config.admission.priorityReserveRatio,
    normalFloorPerSecond: config.control.normalFloorPerSecond,
    waitMs: config.control.waitMs,
    gapsAutomatically: config.control.gapping,
    ocValidityMs,
    retryAfter: {
      minSeconds: Math.min(...ranges.map(({ minSeconds }) => minSeconds)),
      maxSeconds: Math.max(...ranges.map(({ maxSeconds }) => maxSeconds)),
    },
  };
}
