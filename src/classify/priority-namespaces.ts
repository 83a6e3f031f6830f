// The Resource-Priority namespaces registered with IANA and the values of each, from least to greatest:
// RFC 4412 §10, RFC 5478 §2, RFC 7135 §3.2, RFC 8101 §3. Mind that `esnet` and the RFC 5478 and 8101 ones grow
// upwards, while in `q735`, `ets` and `wps` the 0 is the greatest.

/** What a request with a value is: `ordinary` values are known, but are what every call of their network carries. */
export type PriorityKind = 'emergency' | 'priority' | 'ordinary';

export interface PriorityNamespace {
  readonly name: string;
  /** From least to greatest, in lower case. */
  readonly values: readonly string[];
  readonly kind: 'emergency' | 'priority';
}

const dsn = ['routine', 'priority', 'immediate', 'flash', 'flash-override'];

function upTo(greatest: number): string[] {
  return Array.from({ length: greatest + 1 }, (_, i) => String(i));
}

function downToZero(least: number): string[] {
  return upTo(least).reverse();
}

/** RFC 5478 §2: ten namespaces of each of four families, ten values in each, 9 the greatest. */
function numbered(family: string): PriorityNamespace[] {
  return upTo(9).map((n) => ({ name: `${family}-00000${n}`, values: upTo(9), kind: 'priority' }));
}

/**
 * Every registered namespace, the greatest first: the order in force where a dial plan gives none. RFC 4412 leaves the
 * order between namespaces to local policy; this one puts saving lives first, then national security and emergency
 * preparedness, then the preemption networks, then push-to-talk.
 */
export const priorityNamespaces: readonly PriorityNamespace[] = [
  { name: 'esnet', values: upTo(4), kind: 'emergency' },
  { name: 'ets', values: downToZero(4), kind: 'priority' },
  { name: 'wps', values: downToZero(4), kind: 'priority' },
  { name: 'drsn', values: [...dsn, 'flash-override-override'], kind: 'priority' },
  { name: 'dsn', values: dsn, kind: 'priority' },
  { name: 'q735', values: downToZero(4), kind: 'priority' },
  ...numbered('drsn'),
  ...numbered('dsn'),
  ...numbered('crts'),
  ...numbered('rts'),
  { name: 'mcpttp', values: upTo(15), kind: 'priority' },
  { name: 'mcpttq', values: upTo(15), kind: 'priority' },
];

/**
 * The values that make a call no more than ordinary unless a dial plan says otherwise: `routine` is the precedence of
 * every call of the Defense networks, and q735.4 is its like. RFC 4412 §8.2 allows an element to ignore values.
 */
export const routineValues: readonly string[] = ['drsn.routine', 'dsn.routine', 'q735.4'];
