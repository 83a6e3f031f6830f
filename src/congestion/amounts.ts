// Amounts of the host's resources, as the congestion API says them (DESIGN.md §5, §6). A resource that is left out is one of which
// nothing is known or said: 0 in a sum, no bound as a limit.

export const resourceNames = [
  'cpuCores', // processor time per time: 1.5 is one core and a half
  'memoryBytes',
  'diskBytes', // space
  'diskBytesPerSecond', // throughput, read and written
  'networkBytesPerSecond', // of the interfaces, received and sent
] as const;
export type ResourceName = (typeof resourceNames)[number];

/** 0 or more of each, in the unit of its name. */
export type Amounts = { readonly [N in ResourceName]?: number | undefined };

/** Both, resource by resource; what only one names is the other's 0. */
export function plus(a: Amounts, b: Amounts): Amounts {
  return byResource((name) => (has(a, name) || has(b, name) ? (a[name] ?? 0) + (b[name] ?? 0) : undefined));
}

/** What is left of `a`, never below 0; resources that `a` does not name are left out. */
export function minus(a: Amounts, b: Amounts): Amounts {
  return byResource((name) => (has(a, name) ? Math.max(0, a[name] - (b[name] ?? 0)) : undefined));
}

export function times(a: Amounts, factor: number): Amounts {
  return byResource((name) => (has(a, name) ? a[name] * factor : undefined));
}

/** The lesser of each; what only one names is bounded by that one. */
export function least(a: Amounts, b: Amounts): Amounts {
  return byResource((name) => {
    if (!has(a, name)) return b[name];
    return has(b, name) ? Math.min(a[name], b[name]) : a[name];
  });
}

/** The greater of each; what only one names is that one's. */
export function greatest(a: Amounts, b: Amounts): Amounts {
  return byResource((name) => {
    if (!has(a, name)) return b[name];
    return has(b, name) ? Math.max(a[name], b[name]) : a[name];
  });
}

export const total = (all: readonly Amounts[]): Amounts => all.reduce(plus, {});

/** The amounts that `of` gives; resources for which it gives undefined are left out. */
export function byResource(of: (name: ResourceName) => number | undefined): Amounts {
  const amounts: Partial<Record<ResourceName, number>> = {};
  for (const name of resourceNames) {
    const amount = of(name);
    if (amount !== undefined) amounts[name] = amount;
  }
  return amounts;
}

/** Whether no resource that `a` names is above what `limit` says of it. */
export function isWithin(a: Amounts, limit: Amounts): boolean {
  return resourceNames.every((name) => (a[name] ?? 0) <= (limit[name] ?? Number.POSITIVE_INFINITY));
}

export const isNothing = (a: Amounts): boolean => resourceNames.every((name) => (a[name] ?? 0) === 0);

export function isSame(a: Amounts, b: Amounts): boolean {
  return resourceNames.every((name) => a[name] === b[name]);
}

function has<N extends ResourceName>(a: Amounts, name: N): a is Amounts & Record<N, number> {
  return a[name] !== undefined;
}
