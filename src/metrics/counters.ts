// What the data plane counts: plain integers in typed arrays, so that a count costs a few nanoseconds and no memory.
// metrics.ts copies them when somebody asks. Values only ever rise; they are exact up to 2^53.
import { type Decision, decisions, type Reason, reasons } from '../admission/reasons.ts';
import { type RequestClass, requestClasses } from '../classify/class.ts';
import { type Method, methods } from '../sip/method.ts';
import type { InterfaceName } from '../transport/flow.ts';
import { HistogramCounts } from './histogram-counts.ts';

/** The order of interfaces in every array of counters. */
export const interfaceNames = ['south', 'east', 'west', 'north', 'core'] as const satisfies readonly InterfaceName[];

/** Classes of what begins a call. */
export const callClasses = ['emergency', 'priority', 'new-call'] as const satisfies readonly RequestClass[];

export const directions = ['received', 'sent'] as const;
export type Direction = (typeof directions)[number];

/** Why a source address was penalised. */
export const penaltyCauses = ['refused', 'malformed'] as const;
export type PenaltyCause = (typeof penaltyCauses)[number];

const indices = (names: readonly string[]): ReadonlyMap<string, number> => new Map(names.map((name, i) => [name, i]));
const interfaceIndices = indices(interfaceNames);
const methodIndices = indices(methods);
const classIndices = indices(requestClasses);
const decisionIndices = indices(decisions);
const reasonIndices = indices(reasons);

/** Position in `interfaceNames`; look it up once per listener, not per message. */
export function interfaceIndex(name: InterfaceName): number {
  return interfaceIndices.get(name)!;
}

class LastCell {
  index = -1;
  method: Method = 'other';
  class: RequestClass = 'new-call';
  decision: Decision = 'drop';
  reason: Reason = 'malformed';
  cell = 0;
}

/** Requests by interface, method, class, decision and reason: every request is counted exactly once. */
export class RequestCounters {
  readonly #cells = new Float64Array(
    interfaceNames.length * methods.length * requestClasses.length * decisions.length * reasons.length,
  );

  // The combinations counted last, one of INVITEs and one of all else: most of a flood is refused INVITEs and their ACKs in
  // turn, and five comparisons save four look-ups (5 ns against 50).
  readonly #invite = new LastCell();
  readonly #other = new LastCell();

  /** `index` of the interface as `interfaceIndex()` gives it. */
  count(index: number, method: Method, requestClass: RequestClass, decision: Decision, reason: Reason): void {
    const last = method === 'INVITE' ? this.#invite : this.#other;
    if (
      method !== last.method ||
      reason !== last.reason ||
      index !== last.index ||
      requestClass !== last.class ||
      decision !== last.decision
    ) {
      last.index = index;
      last.method = method;
      last.class = requestClass;
      last.decision = decision;
      last.reason = reason;
      last.cell = cellOf(index, method, requestClass, decision, reason);
    }
    this.#cells[last.cell]!++;
  }

  /** Calls `visit` for every combination that has been counted at least once. */
  each(visit: (labels: RequestLabels, count: number) => void): void {
    const cells = this.#cells;
    for (let cell = 0; cell < cells.length; cell++) {
      const count = cells[cell]!;
      if (count === 0) continue;
      let rest = cell;
      const take = <T>(names: readonly T[]): T => {
        const name = names[rest % names.length]!;
        rest = Math.floor(rest / names.length);
        return name;
      };
      const reason = take(reasons);
      const decision = take(decisions);
      const requestClass = take(requestClasses);
      const method = take(methods);
      visit({ interface: take(interfaceNames), method, class: requestClass, decision, reason }, count);
    }
  }

  /** Those of one kind, whatever the reason. `index` of the interface as `interfaceIndex()` gives it. */
  sum(index: number, method: Method, requestClass: RequestClass, decision: Decision): number {
    const from = cellOf(index, method, requestClass, decision, reasons[0]);
    let sum = 0;
    for (let cell = from; cell < from + reasons.length; cell++) sum += this.#cells[cell]!;
    return sum;
  }

  /** All requests counted: the sum over every combination. */
  total(): number {
    return this.#cells.reduce((sum, count) => sum + count, 0);
  }
}

function cellOf(index: number, method: Method, requestClass: RequestClass, decision: Decision, reason: Reason): number {
  let cell = index * methods.length + methodIndices.get(method)!;
  cell = cell * requestClasses.length + classIndices.get(requestClass)!;
  cell = cell * decisions.length + decisionIndices.get(decision)!;
  return cell * reasons.length + reasonIndices.get(reason)!;
}

export interface RequestLabels {
  readonly interface: InterfaceName;
  readonly method: Method;
  readonly class: RequestClass;
  readonly decision: Decision;
  readonly reason: Reason;
}

/** Responses by interface, direction and hundred of the status code. */
export class ResponseCounters {
  readonly #cells = new Float64Array(interfaceNames.length * directions.length * 6);

  /** `status` 100 to 699. */
  count(interfaceIndex: number, direction: Direction, status: number): void {
    const hundred = Math.floor(status / 100) - 1;
    this.#cells[(interfaceIndex * 2 + (direction === 'received' ? 0 : 1)) * 6 + hundred]!++;
  }

  /** Calls `visit` for every combination that has been counted at least once; `code` is `1xx` to `6xx`. */
  each(visit: (labels: { interface: InterfaceName; direction: Direction; code: string }, count: number) => void): void {
    this.#cells.forEach((count, cell) => {
      if (count === 0) return;
      const interfaceName = interfaceNames[Math.floor(cell / 12)]!;
      const direction = directions[Math.floor(cell / 6) % 2]!;
      visit({ interface: interfaceName, direction, code: `${(cell % 6) + 1}xx` }, count);
    });
  }
}

/** Calls answered with 2xx, by interface and class. */
export class CallCounters {
  readonly #cells = new Float64Array(interfaceNames.length * requestClasses.length);

  /** `index` of the interface as `interfaceIndex()` gives it. */
  count(index: number, requestClass: RequestClass): void {
    this.#cells[index * requestClasses.length + classIndices.get(requestClass)!]!++;
  }

  of(index: number, requestClass: RequestClass): number {
    return this.#cells[index * requestClasses.length + classIndices.get(requestClass)!]!;
  }
}

/** What is counted of one switch; kept by name over reloads, so that its series go on. */
export class SwitchCounters {
  /** Requests sent to it, retransmissions not counted. */
  requests = 0;
  /** Seconds from sending an INVITE to its first response of any kind. */
  readonly firstResponseSeconds = new HistogramCounts([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4]);
  readonly #responses = new Float64Array(700);

  /** A response that it sent, `status` 100 to 699. */
  countResponse(status: number): void {
    this.#responses[status]!++;
  }

  /** Calls `visit` for every status code received at least once. */
  eachResponse(visit: (status: number, count: number) => void): void {
    this.#responses.forEach((count, status) => {
      if (count > 0) visit(status, count);
    });
  }
}

/** Everything that the data plane counts. */
export interface Counters {
  readonly requests: RequestCounters;
  readonly responses: ResponseCounters;
  /** Calls whose first final response was a 2xx. */
  readonly completed: CallCounters;
  /** Seconds from the admission of an INVITE to its first final response. */
  readonly callSetupSeconds: HistogramCounts;
  /** Retry-After values sent. */
  readonly retryAfterSeconds: HistogramCounts;
  /** Requests from which an untrusted Resource-Priority was stripped, by interface index. */
  readonly strippedPriority: Float64Array;
  /** INVITEs that were sent to another switch because one failed. */
  failovers: number;
  /** Priority or emergency calls refused by the anti-forgery cap. */
  priorityCap: number;
  /** What would have been refused, in shadow mode. */
  readonly shadowed: RequestCounters;
  readonly penalties: Record<PenaltyCause, number>;
  /** Responses that we sent with an `oc` value, and those received with one (RFC 7339 §4). */
  ocSent: number;
  ocReceived: number;
}

export function createCounters(): Counters {
  return {
    requests: new RequestCounters(),
    responses: new ResponseCounters(),
    completed: new CallCounters(),
    callSetupSeconds: new HistogramCounts([0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 180]),
    retryAfterSeconds: new HistogramCounts([1, 2, 3, 5, 8, 13, 20, 30, 60, 300]),
    strippedPriority: new Float64Array(interfaceNames.length),
    failovers: 0,
    priorityCap: 0,
    shadowed: new RequestCounters(),
    penalties: { refused: 0, malformed: 0 },
    ocSent: 0,
    ocReceived: 0,
  };
}
