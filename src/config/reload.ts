// What a new configuration changes, and whether it can be applied to a running edge.
import type { Config } from './schema.ts';

export interface ConfigChange {
  /** Keys whose value differs, in the order of the schema; a list is one key. */
  readonly changed: readonly string[];
  /** Those of them that only a restart can apply. */
  readonly needRestart: readonly string[];
}

/**
 * Keys that sockets and processes are made from. All others are applied at once: limits and timers to new requests and
 * transactions, switches and neighbours to the next choice.
 */
const restartKeys: readonly RegExp[] = [
  /^engine$/,
  /^drachtio\.(?!failOver$)/,
  /^interfaces\.\w+$/,
  /^interfaces\.\w+\.(listen|advertise|tls|webSocket\.pingSeconds)(\.|$)/,
  /^limits\./,
  /^admin\./,
  /^state\./,
  /^orchestrator(\.|$)/,
  /^tracing\.(otlp|headersFile|serviceName)$/,
  /^udp$/,
];

/** Compares two configurations. Does not see changes inside files that they name, such as the dial plan. */
export function compareConfigs(before: Config, after: Config): ConfigChange {
  const changed = changedKeys(before, after);
  const needRestart = changed.filter((key) => restartKeys.some((pattern) => pattern.test(key)));
  if (embeddedNames(before) !== embeddedNames(after)) needRestart.push('switches (embedded)');
  return { changed, needRestart };
}

/** Why a reload is refused, on one line; undefined if all that changed can be applied. */
export function reloadRefusal(change: ConfigChange): string | undefined {
  if (change.needRestart.length === 0) return undefined;
  return `only a restart can change ${change.needRestart.join(', ')}`;
}

/** Keys whose value differs; a list is one key. */
export function changedKeys(before: object, after: object): string[] {
  const changed: string[] = [];
  compare(before, after, '', changed);
  return changed;
}

function compare(before: unknown, after: unknown, key: string, changed: string[]): void {
  if (!isMapping(before) || !isMapping(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) changed.push(key);
    return;
  }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(before[name], after[name], key === '' ? name : `${key}.${name}`, changed);
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function embeddedNames(config: Config): string {
  return config.switches
    .filter((entry) => entry.embedded)
    .map((entry) => entry.name)
    .join();
}
