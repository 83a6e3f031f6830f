// The keys under `orchestrator:` of the edge's file: which orchestrators ration the host that it runs on (DESIGN.md §5), and what it
// tells them of itself.
import * as z from 'zod';
import { token } from './admin-schema.ts';
import { flag, httpListen, list, oneOf, path, section, whole } from './fields.ts';
import { partyName } from './orchestrator-parties.ts';
import { quantity } from './quantity.ts';

const callsPerSecond = () => whole('calls per second', 1, 1_000_000);

const needs = section({
  perCall: section({
    cpuCores: quantity().prefault(0.0002).meta({
      description:
        'Processor time of one call a second; default: as measured at 1,000 calls per second (`npm run bench`), 200 µs',
    }),
    memoryBytes: quantity().prefault('100k').meta({
      description:
        'Memory of one call a second: what its transactions hold for the 32 s that they last (RFC 3261 §17); default: as measured, 86 kB at 800 calls per second',
    }),
  }).prefault({}),
  perRefusal: section({
    cpuCores: quantity().prefault(0.000_008).meta({
      description: 'Processor time of one refused call a second; default: as measured by `npm run bench`, 8 µs',
    }),
  }).prefault({}),
  atRest: section({
    cpuCores: quantity().prefault(0.05).meta({ description: 'Processor time without any call' }),
    memoryBytes: quantity().prefault('150M').meta({
      description:
        'Memory without any call; default: as measured, 107 MB, with an embedded orchestrator and switch 142 MB',
    }),
  }).prefault({}),
})
  .prefault({})
  .meta({ description: 'What calls take of the host: by it an allocation becomes a limit of calls per second' });

const common = {
  priority: whole('priority', 0, 9)
    .default(9)
    .meta({ description: 'What it registers with, 9 the highest; the orchestrator may know better' }),
  minimumCallsPerSecond: callsPerSecond().default(10).meta({
    description:
      'What it cannot work without. No order of an orchestrator, right or wrong, brings the limit of new calls below it',
  }),
  maximumCallsPerSecond: callsPerSecond().default(5000).meta({
    description: 'The most that it can make use of; default: what one process can do',
  }),
  needs,
};

const urlAllowed = 'http://HOST:PORT or https://HOST:PORT, without user or query';

function isBaseUrl(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return username + password + search + hash === '';
}

const link = section({
  url: z
    .string({ error: `allowed: ${urlAllowed}` })
    .refine(isBaseUrl, { error: `allowed: ${urlAllowed}` })
    .meta({ allowed: urlAllowed, description: 'Where the orchestrator is reached' }),
  application: partyName()
    .default('surgegate')
    .meta({ description: 'The name by which the orchestrator knows this edge' }),
  token: token().optional().meta({ description: 'What it is shown as (RFC 6750)' }),
  tokenFile: path().optional().meta({ description: 'A file with the token; its first line counts' }),
  ca: path().optional().meta({ description: 'PEM file with the authorities that its certificate must be of' }),
  certificate: path()
    .optional()
    .meta({ description: 'PEM file with our certificate, for mutual TLS instead of a token' }),
  key: path().optional().meta({ description: 'PEM file with its private key' }),
  ...common,
});

const embedded = section({
  embedded: flag()
    .refine((is) => is, { error: 'allowed: true' })
    .meta({ allowed: 'true', description: 'An orchestrator of its own in the same process, reached over HTTP' }),
  listen: httpListen()
    .prefault('127.0.0.1:9465')
    .meta({ description: 'Where the embedded orchestrator listens; port 0 lets the kernel choose' }),
  ...common,
});

/** Orchestrators at once: more than these would be a mistake. */
const mostLinks = 4;
const allowed = 'none, embedded, one mapping, or a list of 1 to 4 of them';

export const orchestrator = z
  .union(
    [oneOf(['none', 'embedded']), link, embedded, list(link, 1).max(mostLinks, { error: `allowed: ${allowed}` })],
    {
      error: `allowed: ${allowed}`,
    },
  )
  .default('none')
  .meta({
    allowed,
    description:
      'Who rations the resources of the host. `embedded`: an orchestrator in this process; a mapping: another process, by its `url`. Calls go on whatever becomes of it',
  });

type Written = z.output<typeof orchestrator>;
export type LinkConfig = z.output<typeof link>;
export type EmbeddedConfig = z.output<typeof embedded>;
export type LinkNeeds = Pick<LinkConfig, keyof typeof common>;

export type OrchestratorLinks =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'embedded' } & Omit<EmbeddedConfig, 'embedded'>)
  | { readonly kind: 'links'; readonly links: readonly LinkConfig[] };

/** One form for all that may be written. */
export function orchestratorLinks(written: Written): OrchestratorLinks {
  if (written === 'none') return { kind: 'none' };
  if (written === 'embedded') return { kind: 'embedded', ...withoutFlag(embedded.parse({ embedded: true })) };
  if (Array.isArray(written)) return { kind: 'links', links: written };
  return 'url' in written ? { kind: 'links', links: [written] } : { kind: 'embedded', ...withoutFlag(written) };
}

const withoutFlag = ({ embedded: _is, ...rest }: EmbeddedConfig): Omit<EmbeddedConfig, 'embedded'> => rest;
