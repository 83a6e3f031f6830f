// Whether a switch gets calls: judged from OPTIONS probes and from the traffic itself. One lost probe never takes a
// switch out; a 503 to OPTIONS is neither health nor death: the switch lives and asks for less (RFC 3261 §21.5.4).

/** `failures`, `successes`: in a row. `heard`: some response came since the last probe was sent. */
export type SwitchHealth =
  | { readonly name: 'up'; readonly failures: number; readonly heard: boolean }
  /** Gets calls only where no switch of the group is up. */
  | { readonly name: 'refusing'; readonly failures: number; readonly heard: boolean }
  | { readonly name: 'down'; readonly successes: number; readonly heard: boolean };

export type HealthEvent =
  | { readonly kind: 'probe-sent' }
  | { readonly kind: 'probe-response'; readonly status: number }
  | { readonly kind: 'probe-timeout' }
  /** Any response to a request that is not a probe. */
  | { readonly kind: 'traffic-response' }
  /** An INVITE that the switch did not answer at all. */
  | { readonly kind: 'traffic-timeout' }
  /** Nothing could be sent: connection refused or lost, port unreachable. */
  | { readonly kind: 'transport-error' };

export interface HealthLimits {
  /** Failures in a row that take a switch down; at least 2 are demanded whatever is configured. */
  readonly failuresToDown: number;
  /** Successes in a row that bring it back; at least 1. */
  readonly successesToUp: number;
}

export interface HealthStep {
  readonly health: SwitchHealth;
  /** For the log and the metric: where it stood before, if that changed. */
  readonly changedFrom: SwitchHealth['name'] | undefined;
}

/** A new switch is tried at once; its first failures count as any. */
export const initialHealth: SwitchHealth = { name: 'up', failures: 0, heard: false };

export function stepHealth(health: SwitchHealth, event: HealthEvent, limits: HealthLimits): HealthStep {
  switch (event.kind) {
    case 'probe-sent':
      return health.heard ? stay({ ...health, heard: false }) : stay(health);
    case 'probe-response':
      return probeResponse(health, event.status, limits);
    // The probe was lost, but the switch was heard meanwhile: that is a lost packet and not a dead switch.
    case 'probe-timeout':
      return health.heard ? stay(health) : failure(health, limits);
    // 503 to a call is the business of admission; here it says that the switch lives. It does not end `refusing`,
    // which only a probe began.
    case 'traffic-response':
      return alive(health, limits);
    case 'traffic-timeout':
    case 'transport-error':
      return failure(health, limits);
    default:
      return event satisfies never;
  }
}

function probeResponse(health: SwitchHealth, status: number, limits: HealthLimits): HealthStep {
  if (status < 200) return alive(health, limits);
  if (status === 503) {
    return health.name === 'refusing'
      ? alive(health, limits)
      : change(health, { name: 'refusing', failures: 0, heard: true });
  }
  // 408 is what an element in between says of a switch that it did not reach.
  if (status === 408) return failure(health, limits);
  // Every other final answer, 404, 405 or 481 as much as 200, comes from a switch that works.
  if (health.name === 'refusing') return change(health, { name: 'up', failures: 0, heard: true });
  return alive(health, limits);
}

function alive(health: SwitchHealth, limits: HealthLimits): HealthStep {
  if (health.name !== 'down') {
    return health.failures === 0 && health.heard ? stay(health) : stay({ name: health.name, failures: 0, heard: true });
  }
  const successes = health.successes + 1;
  return successes >= limits.successesToUp
    ? change(health, { name: 'up', failures: 0, heard: true })
    : stay({ name: 'down', successes, heard: true });
}

function failure(health: SwitchHealth, limits: HealthLimits): HealthStep {
  if (health.name === 'down') {
    return health.successes === 0 ? stay(health) : stay({ name: 'down', successes: 0, heard: health.heard });
  }
  const failures = health.failures + 1;
  return failures >= Math.max(2, limits.failuresToDown)
    ? change(health, { name: 'down', successes: 0, heard: false })
    : stay({ name: health.name, failures, heard: health.heard });
}

function stay(health: SwitchHealth): HealthStep {
  return { health, changedFrom: undefined };
}

function change(from: SwitchHealth, health: SwitchHealth): HealthStep {
  return { health, changedFrom: from.name };
}
