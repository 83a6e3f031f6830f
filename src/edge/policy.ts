// From configuration and dial plan to what the pipeline works with: a new value at every reload.
import { type Block, parseBlock } from '../admission/cidr.ts';
import { buildSide, type Side, type SideRule } from '../admission/side.ts';
import type { Dialplan } from '../classify/plan.ts';
import { ruleOf } from '../classify/plan.ts';
import type { Config } from '../config/schema.ts';
import type { Marks } from '../forward/marks.ts';
import { interfaceIndex, interfaceNames } from '../metrics/counters.ts';
import { timerTable } from '../transaction/timers.ts';
import type { InterfaceName, Listener } from '../transport/flow.ts';
import type { Names } from './names.ts';
import type { Policy } from './parts.ts';
import { type Flows, Places } from './places.ts';
import { outside } from './sampler.ts';
import type { SwitchRule, SwitchTarget } from './switches.ts';
import { KnownTargets } from './targets.ts';

export interface PolicyInput {
  readonly config: Config;
  readonly plan: Dialplan;
  readonly flows: Flows;
  readonly marks: Marks;
  readonly names: Names;
}

export function buildPolicy({ config, plan, flows, marks, names }: PolicyInput): Policy {
  const sides = Object.fromEntries(
    interfaceNames.map((name) => [name, buildSide(sideRule(config, name), interfaceIndex(name), plan)]),
  ) as Record<InterfaceName, Side>;
  const defaultInterface = outside.find((name) => config.interfaces[name] !== undefined)!;
  return {
    plan,
    sides,
    timers: { ...timerTable(config.timers), cMs: config.timers.timerCSeconds * 1000 },
    switchTimeoutMs: config.timers.switchTimeoutMs,
    defaultGroup: ruleOf(plan, -1).route,
    accessInterface: 'south',
    routing: {
      places: new Places(flows.listeners),
      transports: flows,
      marks,
      names,
      networks: networks(config),
      coreNetworks: coreNetworks(config),
      defaultInterface,
      known: new KnownTargets(),
    },
  };
}

function sideRule(config: Config, name: InterfaceName): SideRule {
  const given = name === 'core' ? undefined : config.interfaces[name];
  return {
    name,
    pushback: given?.pushback ?? 'reject',
    retryAfter: given?.retryAfter ?? { minSeconds: 1, maxSeconds: 30 },
    trustsPriority: given?.trust.resourcePriority ?? name === 'core',
    weight: given?.weight ?? 1,
    limits: given?.admission ?? {},
    neighbours: (given?.neighbours ?? []).map((one) => ({
      name: one.name,
      addresses: one.addresses.map((cidr) => cidr.text),
      trustsPriority: one.trust.resourcePriority,
      pushback: one.pushback,
      weight: one.weight,
      limits: one.admission,
    })),
  };
}

/** Which interface reaches which addresses: `networks`, then the neighbours' own; the longest block first. */
function networks(config: Config): Policy['routing']['networks'] {
  const out: { interfaceName: InterfaceName; block: Block }[] = [];
  const add = (interfaceName: InterfaceName, text: string) => {
    const block = parseBlock(text);
    if (block !== undefined) out.push({ interfaceName, block });
  };
  for (const name of outside) {
    for (const cidr of config.interfaces[name]?.networks ?? []) add(name, cidr.text);
    for (const one of config.interfaces[name]?.neighbours ?? []) for (const cidr of one.addresses) add(name, cidr.text);
  }
  return out.sort((a, b) => b.block.bits - a.block.bits);
}

/** `targetOf`: where a switch is reached now; undefined while its name is not resolved. */
export function switchRules(config: Config, targetOf: (name: string) => SwitchTarget | undefined): SwitchRule[] {
  return config.switches.map((one) => ({
    name: one.name,
    group: one.group,
    weight: one.weight,
    capacityPerSecond: one.capacityPerSecond,
    oc: one.oc,
    target: targetOf(one.name),
  }));
}

/** `udp:127.0.0.1:5060`. */
export function listenerText(listener: Listener): string {
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host;
  return `${listener.transport}:${host}:${listener.port}`;
}

/** `interfaces.core.networks`, and then the switches' own addresses too. */
function coreNetworks(config: Config): Block[] {
  const given = config.interfaces.core.networks.map((cidr) => cidr.text);
  if (given.length === 0) return [];
  const own = config.switches.flatMap((one) =>
    one.embedded ? ['127.0.0.1'] : one.address === undefined ? [] : [one.address.host],
  );
  return [...given, ...own].map(parseBlock).filter((block) => block !== undefined);
}
