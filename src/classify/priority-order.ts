// One local total order over the r-values of all namespaces acted upon (RFC 4412 §8.1), built and checked when a dial
// plan is loaded: an order that breaks a namespace's own cannot be configured (§8.3).
import { type PriorityKind, type PriorityNamespace, priorityNamespaces, routineValues } from './priority-namespaces.ts';

export interface PriorityValue {
  /** `namespace.value`, in lower case. */
  readonly text: string;
  /** Index into the order's `namespaces`. */
  readonly namespace: number;
  /** 1 is the least; no two values have the same. */
  readonly rank: number;
  readonly kind: PriorityKind;
}

export interface PriorityOrder {
  readonly byText: ReadonlyMap<string, PriorityValue>;
  /** By rank: the value of rank 1 is the first. */
  readonly byRank: readonly PriorityValue[];
  readonly namespaces: readonly string[];
  /** The value of Accept-Resource-Priority (RFC 4412 §3.2): every value acted upon, the greatest first. */
  readonly acceptText: string;
}

/**
 * Builds the order. `highestFirst` holds namespaces (all values of one, in their own order) and single values, the
 * greatest first: `['esnet', 'ets.0', 'wps.0', 'ets.1', …]`. A namespace that is named must be complete. `ordinary`
 * holds values that do not raise a request above an ordinary one. Returns faults, one a line, where it is no order.
 */
export function priorityOrder(
  highestFirst: readonly string[] = priorityNamespaces.map((namespace) => namespace.name),
  ordinary: readonly string[] = routineValues,
): { order: PriorityOrder } | { faults: string[] } {
  const faults: string[] = [];
  const seen = new Set<string>();
  const sequence: { namespace: PriorityNamespace; value: string }[] = [];
  for (const item of highestFirst) {
    const [name, value, more] = item.toLowerCase().split('.');
    const namespace = priorityNamespaces.find((candidate) => candidate.name === name);
    if (namespace === undefined) {
      faults.push(`${item}: not a registered namespace; allowed: ${registered()}`);
    } else if (more !== undefined || (value !== undefined && !namespace.values.includes(value))) {
      faults.push(`${item}: not a value of ${namespace.name}; allowed: ${namespace.values.join(', ')}`);
    } else {
      const values = value === undefined ? [...namespace.values].reverse() : [value];
      for (const each of values) {
        if (seen.has(`${namespace.name}.${each}`)) faults.push(`${namespace.name}.${each}: stands twice`);
        seen.add(`${namespace.name}.${each}`);
        sequence.push({ namespace, value: each });
      }
    }
  }
  const namespaces = [...new Set(sequence.map((each) => each.namespace))];
  for (const namespace of namespaces) faults.push(...namespaceFaults(namespace, sequence));
  for (const text of ordinary) {
    const known = priorityNamespaces.some((n) => n.values.some((value) => `${n.name}.${value}` === text.toLowerCase()));
    if (!known) faults.push(`${text}: not a registered value`);
  }
  if (faults.length > 0) return { faults };

  const low = new Set(ordinary.map((text) => text.toLowerCase()));
  const byRank = sequence.reverse().map(({ namespace, value }, i): PriorityValue => {
    const text = `${namespace.name}.${value}`;
    const kind = low.has(text) ? 'ordinary' : namespace.kind;
    return { text, namespace: namespaces.indexOf(namespace), rank: i + 1, kind };
  });
  return {
    order: {
      byText: new Map(byRank.map((value) => [value.text, value])),
      byRank,
      namespaces: namespaces.map((namespace) => namespace.name),
      acceptText: acceptText(byRank),
    },
  };
}

/** RFC 4412 §8.1, §8.3: all values of a namespace, in the namespace's own order. */
function namespaceFaults(
  namespace: PriorityNamespace,
  sequence: readonly { namespace: PriorityNamespace; value: string }[],
): string[] {
  const found = sequence.filter((each) => each.namespace === namespace).map((each) => each.value);
  const missing = namespace.values.filter((value) => !found.includes(value));
  if (missing.length > 0) return [`${namespace.name}: incomplete, without ${missing.join(', ')}`];
  for (let i = 1; i < found.length; i++) {
    if (namespace.values.indexOf(found[i]!) > namespace.values.indexOf(found[i - 1]!)) {
      const [above, below] = [found[i - 1], found[i]].map((value) => `${namespace.name}.${value}`);
      return [`${above}: above ${below}, against the order of ${namespace.name} (RFC 4412 §8.3)`];
    }
  }
  return [];
}

// The 432 values of the RFC 5478 and RFC 8101 families would fill a datagram; who uses them knows them.
function acceptText(byRank: readonly PriorityValue[]): string {
  const listed = byRank.filter((value) => !/-0{5}|^mcptt/.test(value.text));
  return (listed.length > 0 ? [...listed] : byRank.slice(-32))
    .reverse()
    .map((value) => value.text)
    .join(', ');
}

function registered(): string {
  const names = priorityNamespaces.map((namespace) => namespace.name).filter((name) => !name.includes('-'));
  return `${names.join(', ')}, and drsn-, dsn-, crts- or rts- with 000000 to 000009`;
}
