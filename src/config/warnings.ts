// What is allowed and yet seldom meant: said at the start and by `surgegate check`, and nothing is refused for it.
import { isLoopback } from '../admission/cidr.ts';
import { formatSocketAddress } from './addresses.ts';
import type { Config } from './schema.ts';

type Path = readonly (string | number)[];
type Warn = (path: Path, message: string) => void;

const isUnspecified = (host: string): boolean => /^(0\.0\.0\.0|[0:]+)$/.test(host);

/** Calls `warn` for every doubtful setting. */
export function configWarnings(config: Config, warn: Warn): void {
  interfaceWarnings(config, warn);
  switchWarnings(config, warn);
  linkWarnings(config, warn);
}

function interfaceWarnings({ interfaces, switches }: Config, warn: Warn): void {
  const { south, east, west, north, core } = interfaces;
  for (const [name, settings] of Object.entries({ south, east, west, north, core })) {
    settings?.listen.forEach((listen, i) => {
      if (!isUnspecified(listen.host) || settings.advertise !== undefined) return;
      const text = formatSocketAddress(listen);
      warn(
        ['interfaces', name, 'listen', i],
        `Via will carry the first address of the machine for ${text}; see advertise`,
      );
    });
  }
  // RFC 3261 §21.5.4: Retry-After stops every request to us, emergency calls too.
  for (const [name, settings] of Object.entries({ east, west, north })) {
    if (settings?.pushback !== 'retry-after') continue;
    const text =
      'a few large neighbours that are silenced for seconds bring no emergency calls either; reject refuses single calls';
    warn(['interfaces', name, 'pushback'], text);
  }
  for (const [name, settings] of Object.entries({ south, east, west, north, core })) {
    if (settings?.webSocket.origins?.includes('*') !== true) continue;
    const text = 'every web page can make the browsers of its visitors call here; list the origins of your own pages';
    warn(['interfaces', name, 'webSocket', 'origins'], text);
  }
  const embedded = switches.findIndex((entry) => entry.embedded);
  const open = [south, east, west, north].flatMap((settings) => settings?.listen ?? []);
  const reachable = open.find((listen) => !isLoopback(listen.host));
  if (embedded >= 0 && reachable !== undefined) {
    const text = `the test switch will answer calls that come in on ${formatSocketAddress(reachable)}`;
    warn(['switches', embedded, 'embedded'], text);
  }
}

function switchWarnings({ switches, admission }: Config, warn: Warn): void {
  const capacities = switches.map((entry) => entry.capacityPerSecond ?? Number.POSITIVE_INFINITY);
  const capacity = capacities.reduce((sum, each) => sum + each, 0);
  if (Number.isFinite(admission.newCallsPerSecond) && admission.newCallsPerSecond > capacity) {
    const text = `${admission.newCallsPerSecond} is more than the capacity of all switches, ${capacity} calls per second`;
    warn(['admission', 'newCallsPerSecond'], text);
  }
}

function linkWarnings({ orchestrator }: Config, warn: Warn): void {
  if (orchestrator.kind === 'embedded' && !isLoopback(orchestrator.listen.host)) {
    const text = 'the embedded orchestrator speaks plain HTTP: its token can be read on the way';
    warn(['orchestrator', 'listen'], text);
  }
  if (orchestrator.kind !== 'links') return;
  orchestrator.links.forEach(({ url }, i) => {
    const { protocol, hostname } = new URL(url);
    if (protocol === 'https:' || hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return;
    const path = orchestrator.links.length === 1 ? ['orchestrator', 'url'] : ['orchestrator', i, 'url'];
    warn(path, `${url} is plain HTTP: the token can be read on the way`);
  });
}
