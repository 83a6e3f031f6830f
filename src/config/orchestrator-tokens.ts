// Who may call, with what they prove who they are: tokens from the configuration, from files, or made here at the first start and
// kept in the state directory, so that no secret has to be invented by hand.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../congestion/routes.ts';
import { isToken } from './admin-schema.ts';
import { tokenOf } from './admin-token.ts';
import { messageOf } from './files.ts';
import type { OperatorConfig, OrchestratorConfig } from './orchestrator-schema.ts';
import { closeToOthers, createSecretFile } from './secret-file.ts';

export interface Caller {
  readonly role: Role;
  readonly name: string;
  readonly token?: string | undefined;
  readonly certificateName?: string | undefined;
  readonly callbackHosts?: readonly string[] | undefined;
}

export interface TokenWords {
  /** A token was made, and where it is. */
  made(name: string, file: string): void;
  warn(message: string): void;
}

/** Where the token of a name is kept that was made here. */
export const tokenFileIn = (directory: string, name: string): string => join(directory, 'tokens', name);

/**
 * Everyone whom the configuration names. Makes tokens that it does not give. Throws an Error of one line where a file cannot be read,
 * a token cannot be kept, or one token stands for two.
 */
export function loadCallers(config: OrchestratorConfig, words: TokenWords): Caller[] {
  const { directory } = config.state;
  const proofOf = (party: OperatorConfig): Pick<Caller, 'name' | 'token' | 'certificateName'> => {
    const { name, certificateName } = party;
    const given = tokenOf(party);
    if (given !== undefined) return { name, token: given, certificateName };
    return certificateName === undefined
      ? { name, token: keptToken(directory, name, words) }
      : { name, certificateName };
  };
  const callers: Caller[] = [
    ...config.applications.map((one): Caller => {
      return { role: 'application', ...proofOf(one), callbackHosts: one.callbackHosts };
    }),
    ...config.peers.map((one): Caller => ({ role: 'peer', ...proofOf(one) })),
    ...config.operators.map((one): Caller => ({ role: 'operator', ...proofOf(one) })),
  ];
  const owners = new Map<string, string>();
  for (const { name, token } of callers) {
    if (token === undefined) continue;
    const other = owners.get(token);
    if (other !== undefined) throw new Error(`${other} and ${name} have the same token`);
    owners.set(token, name);
  }
  return callers;
}

/** The token that a peer has given us; undefined where there is none. Throws as `loadCallers`. */
export function peerTokenOf({ peerToken, peerTokenFile }: OrchestratorConfig['peers'][number]): string | undefined {
  return tokenOf({ token: peerToken, tokenFile: peerTokenFile });
}

function keptToken(directory: string, name: string, words: TokenWords): string {
  const file = tokenFileIn(directory, name);
  try {
    mkdirSync(join(directory, 'tokens'), { recursive: true, mode: 0o700 });
    const isNew = !isThere(file);
    if (isNew) createSecretFile(file, `${randomBytes(32).toString('base64url')}\n`);
    const token = readFileSync(file, 'utf8').trim();
    if (!isToken(token)) throw new Error('it holds no token; remove it, and a new one is made');
    if (isNew) words.made(name, file);
    else closeToOthers(file, (message) => words.warn(message));
    return token;
  } catch (error) {
    throw new Error(`the token of ${name} cannot be kept in ${file}: ${messageOf(error)}`);
  }
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}
