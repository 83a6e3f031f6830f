// What two keys of an orchestrator's file say together and cannot be true, and what is allowed and yet seldom meant.
import { isLoopback } from '../admission/cidr.ts';
import { isWithin, resourceNames } from '../congestion/amounts.ts';
import { notAllowed } from './checks.ts';
import type { Path, Report } from './document.ts';
import type { ConditionConfig, OrchestratorConfig, OrchestratorFile } from './orchestrator-schema.ts';

type Party = OrchestratorFile['operators'][number];

/** Everyone who may call, with where it stands in the file. */
export function partiesOf(config: Pick<OrchestratorFile, 'applications' | 'peers' | 'operators'>): [Path, Party][] {
  return (['applications', 'peers', 'operators'] as const).flatMap((list) =>
    config[list].map((party, i): [Path, Party] => [[list, i], party]),
  );
}

/** Reports every contradiction in the file. Reads no file and no clock; shows no secret. */
export function orchestratorFaults(config: OrchestratorFile, report: Report): void {
  partyFaults(config, report);
  applicationFaults(config, report);
  config.peers.forEach(({ url, peerToken, peerTokenFile, authority }, i) => {
    for (const [key, value] of Object.entries({ peerToken, peerTokenFile, authority })) {
      if (value !== undefined && url === undefined)
        report(['peers', i, 'url'], `is missing; allowed: what ${key} is for`);
    }
  });
  const { minimumRatio } = config;
  for (const [mode, before] of [
    ['L2', 'L1'],
    ['L3', 'L2'],
  ] as const) {
    if (minimumRatio[mode] <= minimumRatio[before]) continue;
    report(
      ['minimumRatio', mode],
      notAllowed(minimumRatio[mode], `at most that of ${before}, ${minimumRatio[before]}`),
    );
  }
  const written = config.thresholds?.map(({ when, mode }) => JSON.stringify([when, mode]));
  config.thresholds?.forEach(({ when }, i) => {
    if (written?.indexOf(written[i]!) !== i) report(['thresholds', i], 'is written twice; allowed: once for one mode');
    when.forEach((condition, j) => {
      conditionFaults(condition, ['thresholds', i, 'when', j], report);
    });
  });
  const { requestsPerSecond, burst } = config.limits;
  if (burst < requestsPerSecond)
    report(['limits', 'burst'], notAllowed(burst, `at least limits.requestsPerSecond, ${requestsPerSecond}`));
}

function partyFaults(config: OrchestratorFile, report: Report): void {
  const names = new Map<string, true>();
  const tokens = new Map<string, string>();
  const certificates = new Map<string, true>();
  for (const [path, { name, token, certificateName }] of partiesOf(config)) {
    // Without regard to case, since tokens are kept in files of that name and not every file system tells.
    if (names.has(name.toLowerCase())) report([...path, 'name'], notAllowed(name, 'a name that is not used twice'));
    names.set(name.toLowerCase(), true);
    const other = token === undefined ? undefined : tokens.get(token);
    if (other !== undefined)
      report(
        [...path, 'token'],
        `the value (a secret, so not shown) is not allowed; allowed: not that of ${other} too`,
      );
    if (token !== undefined) tokens.set(token, name);
    if (certificateName === undefined) continue;
    const key = [...path, 'certificateName'];
    if (config.tls?.clientAuthority === undefined)
      report(key, notAllowed(certificateName, 'only together with tls.clientAuthority'));
    if (certificates.has(certificateName.toLowerCase()))
      report(key, notAllowed(certificateName, 'a name that is not used twice'));
    certificates.set(certificateName.toLowerCase(), true);
  }
}

function applicationFaults({ applications }: OrchestratorFile, report: Report): void {
  applications.forEach(({ exempt, essential, maximum, minimum }, i) => {
    const path: Path = ['applications', i];
    if (exempt && !essential) report([...path, 'essential'], notAllowed(false, 'true, as `exempt` is'));
    if (isWithin(minimum, maximum)) return;
    for (const name of resourceNames) {
      const [least, most] = [minimum[name], maximum[name]];
      if (least === undefined || most === undefined || least <= most) continue;
      report([...path, 'minimum', name], notAllowed(least, `at most its maximum, ${most}`));
    }
  });
}

const setKeys = ['ratio', 'overallRatio', 'amount', 'available'] as const;
/** Whether it clears below what sets it, or above. */
const clearKeys = { clearRatio: 'below', clearAmount: 'below', clearAvailable: 'above' } as const;
const clearKeyOf = {
  ratio: 'clearRatio',
  overallRatio: 'clearRatio',
  amount: 'clearAmount',
  available: 'clearAvailable',
} as const;

function conditionFaults(condition: ConditionConfig, path: Path, report: Report): void {
  const [key, ...more] = setKeys.filter((one) => condition[one] !== undefined);
  if (key === undefined) return report(path, `sets nothing; allowed: one of ${setKeys.join(', ')}`);
  if (more[0] !== undefined)
    return report([...path, more[0]], notAllowed(condition[more[0]], `one of ${setKeys.join(', ')}`));
  if (key === 'overallRatio' && condition.resource !== undefined)
    report([...path, 'resource'], notAllowed(condition.resource, 'nothing, as overallRatio is of all'));
  if (key !== 'overallRatio' && condition.resource === undefined)
    report([...path, 'resource'], `is missing; allowed: ${resourceNames.join(', ')}`);
  for (const [clear, side] of Object.entries(clearKeys) as [keyof typeof clearKeys, 'below' | 'above'][]) {
    const [setAt, clearAt] = [condition[key]!, condition[clear]];
    if (clearAt === undefined) continue;
    if (clear !== clearKeyOf[key])
      report([...path, clear], notAllowed(clearAt, `nothing, as ${key} is cleared by ${clearKeyOf[key]}`));
    else if (side === 'below' ? clearAt > setAt : clearAt < setAt)
      report([...path, clear], notAllowed(clearAt, `${side} ${key}, ${setAt}`));
  }
}

/** Calls `warn` for every doubtful setting. */
export function orchestratorWarnings(config: OrchestratorConfig, warn: Report): void {
  if (config.tls === undefined && !isLoopback(config.listen.host))
    warn(['listen'], 'tokens cross the network in the clear: without tls, listen on the loopback');
  config.peers.forEach(({ url }, i) => {
    const { protocol, hostname } = new URL(url ?? 'https://none');
    if (protocol === 'http:' && hostname !== 'localhost' && !isLoopback(hostname.replace(/^\[|\]$/g, '')))
      warn(['peers', i, 'url'], 'its token crosses the network in the clear: use https');
  });
  if (config.applications.length === 0)
    warn(['applications'], 'nobody can register: name the applications of this host');
}
