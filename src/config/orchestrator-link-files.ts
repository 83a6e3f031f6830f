// What the keys of a link to an orchestrator mean together, and the files that they name.
import { resolve } from 'node:path';
import { tokenFileOf } from './admin-token.ts';
import { notAllowed } from './checks.ts';
import type { Path, Report } from './document.ts';
import { tlsFiles, unreadable } from './files.ts';
import type { LinkConfig, LinkNeeds, OrchestratorLinks } from './orchestrator-link-schema.ts';

/** Makes paths absolute; reports what cannot be read, and what cannot be meant. */
export function linkFiles(written: OrchestratorLinks, folder: string, report: Report): OrchestratorLinks {
  switch (written.kind) {
    case 'none':
      return written;
    case 'embedded':
      rangeFaults(written, ['orchestrator'], report);
      return written;
    case 'links': {
      const { links } = written;
      const pathOf = (i: number): Path => (links.length === 1 ? ['orchestrator'] : ['orchestrator', i]);
      links.forEach(({ url, application }, i) => {
        const isTwice = links.some((other, k) => k < i && other.url === url && other.application === application);
        if (isTwice) report([...pathOf(i), 'url'], notAllowed(url, 'an orchestrator that is not named twice'));
      });
      return { kind: 'links', links: links.map((link, i) => filesOf(link, folder, pathOf(i), report)) };
    }
    default:
      return written satisfies never;
  }
}

function filesOf(link: LinkConfig, folder: string, path: Path, report: Report): LinkConfig {
  rangeFaults(link, path, report);
  const { certificate, key, ca } = link;
  const isSecure = link.url.startsWith('https:');
  for (const name of ['ca', 'certificate', 'key'] as const) {
    if (link[name] !== undefined && !isSecure)
      report([...path, name], notAllowed(link[name], 'only where url is https:'));
  }
  if ((certificate === undefined) !== (key === undefined)) {
    const missing = key === undefined ? 'key' : 'certificate';
    report([...path, missing], 'is missing; allowed: certificate and key together');
  }
  if (link.token === undefined && link.tokenFile === undefined && certificate === undefined) {
    report([...path, 'token'], 'is missing; allowed: a token, a tokenFile, or certificate and key');
  }
  const found = tokenFileOf(link, folder, (name, message) => report([...path, name], message));
  if (certificate !== undefined && key !== undefined) {
    const keys = { certificate, key, ...(ca === undefined ? {} : { ca }), requestClientCertificate: false };
    const files = tlsFiles(keys, folder, (name, message) => report([...path, name], message));
    const { requestClientCertificate: _not, ...absolute } = files;
    return { ...found, ...absolute };
  }
  if (ca === undefined) return found;
  const error = unreadable(resolve(folder, ca));
  if (error !== undefined) report([...path, 'ca'], notAllowed(ca, `a file that can be read (${error})`));
  return { ...found, ca: resolve(folder, ca) };
}

function rangeFaults({ minimumCallsPerSecond, maximumCallsPerSecond }: LinkNeeds, path: Path, report: Report): void {
  if (minimumCallsPerSecond <= maximumCallsPerSecond) return;
  const allowed = `at most maximumCallsPerSecond, ${maximumCallsPerSecond} (calls per second)`;
  report([...path, 'minimumCallsPerSecond'], notAllowed(minimumCallsPerSecond, allowed));
}
