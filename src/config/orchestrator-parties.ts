// Who may speak with the orchestrator, and what it knows of each: applications, peers, operators.
import * as z from 'zod';
import { nameField } from '../congestion/fields.ts';
import { parseHostPort } from './addresses.ts';
import { token } from './admin-schema.ts';
import { flag, list, oneOf, path, section, whole } from './fields.ts';
import { adapter } from './orchestrator-adapter.ts';
import { quantities } from './quantity.ts';

const nameAllowed = '1 to 64 letters, digits, ".", "_" and "-", a letter or digit first and last';

/** As the congestion API has it. */
export function partyName() {
  const error = `allowed: ${nameAllowed}`;
  return z
    .string({ error })
    .refine((text) => nameField.safeParse(text).success, { error })
    .meta({ allowed: nameAllowed });
}

function host() {
  const allowed = 'the name or the numeric address of a host';
  const error = `allowed: ${allowed}`;
  const isHost = (text: string): boolean => {
    const parsed = parseHostPort(text);
    return parsed !== undefined && parsed.port === undefined && parsed.host === text;
  };
  return z.string({ error }).refine(isHost, { error }).meta({ allowed });
}

/** Scheme, host, port and path: what is secret stands elsewhere. */
function baseUrl() {
  const allowed = 'http://HOST:PORT or https://HOST:PORT, without user or query';
  const error = `allowed: ${allowed}`;
  const isBase = (text: string): boolean => {
    if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
    const { username, password, search, hash } = new URL(text);
    return username + password + search + hash === '';
  };
  return z.string({ error }).refine(isBase, { error }).meta({ allowed });
}

const identity = (named: string) => ({
  name: partyName().meta({ description: `${named} in paths, logs and metrics; unique among all three lists` }),
  token: token().optional().meta({
    description:
      'Its bearer token (RFC 6750). Without `token`, `tokenFile` and `certificateName` one is made at the first start and kept in `state.directory`/tokens/NAME, mode 0600',
  }),
  tokenFile: path().optional().meta({ description: 'A file with that token; its first line counts' }),
  certificateName: host().optional().meta({
    description: 'The common name or a DNS name of its client certificate (mutual TLS), instead of a token',
  }),
});

export const application = section({
  ...identity('The application'),
  essential: flag().default(true).meta({ description: 'false: dumped from L1 on, whatever it says itself' }),
  priority: whole('rank', 0, 9)
    .default(5)
    .meta({ description: '9 is the highest; it may claim a lower one, no higher' }),
  exempt: flag().default(false).meta({
    description:
      'A priority application (GETS, emergency, government): neither asked to shed nor forced, and the emergency reserve is for it',
  }),
  maximum: quantities()
    .prefault({})
    .meta({ description: 'The most that it may have; default: what it says, or what there is' }),
  minimum: quantities().prefault({}).meta({
    description: 'What it keeps in L0, and a part of it in L1 to L3 (`minimumRatio`); bounds what it says itself',
  }),
  callbackHosts: list(host()).prefault([]).meta({
    description: 'Hosts besides the loopback that it may have its orders sent to',
  }),
  adapter,
});

export const peer = section({
  ...identity('The second autonomous system'),
  url: baseUrl().optional().meta({ description: 'Its own congestion API; without it we only wait for its reports' }),
  exchange: oneOf(['fetch', 'push']).default('fetch').meta({
    description: '`fetch`: read its mode; `push`: tell it ours, which it answers with its own',
  }),
  peerToken: token().optional().meta({ description: 'The token that it has given us' }),
  peerTokenFile: path().optional().meta({ description: 'A file with that token; its first line counts' }),
  authority: path().optional().meta({
    description: 'PEM file with the authorities of its certificate; default: those of Node',
  }),
  intervalMs: whole('ms', 200, 600_000).default(2000).meta({ description: 'Time between two exchanges' }),
  timeoutMs: whole('ms', 50, 60_000)
    .default(1500)
    .meta({ description: 'An exchange without an answer by then has failed' }),
  proposes: oneOf(['L0', 'L1']).default('L1').meta({
    description: 'The mode here that its crisis (L2, L3) proposes; L0: it is known, and changes nothing',
  }),
});

export const operator = section(identity('The operator or AIN element'));
