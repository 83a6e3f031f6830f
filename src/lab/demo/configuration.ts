// The configuration files of the demo, as an operator would write them (JSON is YAML), and what is normal, as an earlier day taught it.
import { fileURLToPath } from 'node:url';
import { capacityPerSecond, type DemoPlan, getsRatio } from './plan.ts';

/** The applications of the host in the order of the table; the edge is one of them. */
export const applications = ['surgegate', 'web', 'shop', 'batch'] as const;
export type ApplicationName = (typeof applications)[number];

/**
 * Of the processor the orchestrator rations so much; the rest of the machine is the callers', the switch's and the demo's own. A fifth
 * of it is the reserve. The shop is given little and takes what it wants; what is left is the edge's and the web application's in
 * equal parts, 0.18 cores each in the event.
 */
const rationedCores = 0.6;
const shopCores = 0.12;
/** What does not matter lives on what others leave. */
const batchCores = 0.02;
/** Calls per second: what the edge can make use of, and what it is never left without, which is more than its switch can do. */
const edgeCalls = { maximumCallsPerSecond: 800, minimumCallsPerSecond: 300 };

export interface Credentials {
  readonly applications: Readonly<Record<ApplicationName, string>>;
  readonly operator: string;
}

export interface OrchestratorPlace {
  readonly folder: string;
  readonly tokens: Credentials;
  /** Control group of each application that has one, with the limit that it has of its own, in cores. */
  readonly groups: Readonly<Partial<Record<ApplicationName, { readonly path: string; readonly cores?: number }>>>;
}

/** Its port is the kernel's choice. Of use there are no thresholds: the machine is not only the demo's. */
export function orchestratorFile({ shedSeconds }: DemoPlan, { folder, tokens, groups }: OrchestratorPlace): string {
  const application = (name: ApplicationName, keys: object = {}) => {
    const group = groups[name];
    const baseline = group?.cores === undefined ? {} : { baseline: { cpuCores: group.cores } };
    const adapter = group === undefined ? { kind: 'advise' } : { kind: 'cgroup', path: group.path, ...baseline };
    return { name, token: tokens.applications[name], adapter, ...keys };
  };
  return text({
    name: 'host',
    listen: '127.0.0.1:0',
    intervalMs: 500,
    host: { maximum: { cpuCores: rationedCores } },
    thresholds: [],
    shedding: { deadlineSeconds: shedSeconds },
    applications: [
      application('surgegate', { priority: 9 }),
      application('web', { priority: 5 }),
      application('shop', { priority: 4, maximum: { cpuCores: shopCores } }),
      application('batch', { priority: 1, essential: false, maximum: { cpuCores: batchCores } }),
    ],
    operators: [{ name: 'operator', token: tokens.operator }],
    state: { directory: `${folder}/orchestrator` },
  });
}

export interface EdgePlace {
  readonly folder: string;
  /** `host:port` of the switch, `http://host:port` of the orchestrator. */
  readonly switchAddress: string;
  readonly orchestrator: string;
  readonly token: string;
}

/** Ports are the kernel's choice. */
export function edgeFile({ folder, switchAddress, orchestrator, token }: EdgePlace): string {
  return text({
    interfaces: {
      south: { listen: ['udp:127.0.0.1:0'], pushback: 'retry-after' },
      east: { listen: ['udp:127.0.0.1:0'], pushback: 'oc', trust: { resourcePriority: true } },
      core: { listen: ['udp:127.0.0.1:0'] },
    },
    switches: [{ name: 'switch', address: `udp:${switchAddress}`, capacityPerSecond }],
    dialplan: fileURLToPath(new URL('../../../dialplans/default.yaml', import.meta.url)),
    orchestrator: { url: orchestrator, token, ...edgeCalls },
    state: { directory: `${folder}/edge` },
    drain: { timeoutSeconds: 1 },
    admin: { listen: '127.0.0.1:0' },
  });
}

/** What the edge keeps in its state directory: of a demo of a minute it would otherwise know nothing. */
export function normalsFile({ base }: DemoPlan): string {
  const known = (normalPerSecond: number) => ({ normalPerSecond, isKnown: true, ageMs: 30 * 86_400_000 });
  return text({
    south: { calls: known(base * (1 - getsRatio)), registrations: known(0) },
    east: { calls: known(0), registrations: known(0) },
  });
}

const text = (content: object): string => `${JSON.stringify(content, null, 2)}\n`;
