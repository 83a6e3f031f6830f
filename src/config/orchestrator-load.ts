// Reads a configuration file of the orchestrator: YAML, the schema, what keys say together, the files that it names. The result is
// the configuration in force, or every fault with its line; nothing is thrown.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { tokenFileOf } from './admin-token.ts';
import { type ConfigFault, notAllowed } from './checks.ts';
import { type Path, type Report, readDocument, stateDirectory } from './document.ts';
import { messageOf, tlsFiles, unreadable } from './files.ts';
import { orchestratorFaults, orchestratorWarnings } from './orchestrator-checks.ts';
import { type OrchestratorConfig, type OrchestratorFile, orchestratorSchema } from './orchestrator-schema.ts';
import { configSchema } from './schema.ts';

/** `warnings`: what is allowed but seldom meant, in the form of faults. */
export type OrchestratorLoaded = { config: OrchestratorConfig; warnings: ConfigFault[] } | { faults: ConfigFault[] };

/** Reads, checks and completes a configuration file. `env` supplies STATE_DIRECTORY and XDG_STATE_HOME. */
export function loadOrchestratorConfig(file: string, env: NodeJS.ProcessEnv = process.env): OrchestratorLoaded {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { faults: [{ key: '', message: `cannot read the configuration file: ${messageOf(error)}` }] };
  }
  return parseOrchestratorConfig(text, resolve(file), env);
}

/** The same for the text of a file; `file` is what relative paths in it start from. */
export function parseOrchestratorConfig(
  text: string,
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): OrchestratorLoaded {
  const read = readDocument(text, orchestratorSchema);
  if ('faults' in read) return read;
  const faults: ConfigFault[] = [];
  const report = read.addTo(faults);
  orchestratorFaults(read.data, report);
  const config = complete(read.data, dirname(file), env, report);
  if (faults.length > 0) return { faults };
  const warnings: ConfigFault[] = [];
  orchestratorWarnings(config, read.addTo(warnings));
  return { config, warnings };
}

/** Whether a file is one of the orchestrator: more of its keys are the orchestrator's alone than are the edge's alone. */
export function isOrchestratorText(text: string): boolean {
  let content: unknown;
  try {
    content = parseDocument(text, { prettyErrors: false }).toJS();
  } catch {
    return false;
  }
  if (typeof content !== 'object' || content === null) return false;
  const ours = Object.keys(orchestratorSchema.shape);
  const edges = Object.keys(configSchema.shape);
  const only = (own: string[], other: string[]): number =>
    Object.keys(content).filter((key) => own.includes(key) && !other.includes(key)).length;
  return only(ours, edges) > only(edges, ours);
}

/** Makes paths absolute, and checks that the files can be read. */
function complete(read: OrchestratorFile, folder: string, env: NodeJS.ProcessEnv, report: Report): OrchestratorConfig {
  const withToken = <T extends { token?: string | undefined; tokenFile?: string | undefined }>(
    party: T,
    path: Path,
  ): T => tokenFileOf(party, folder, (key, message) => report([...path, key], message));
  return {
    ...read,
    tls: read.tls === undefined ? undefined : completeTls(read.tls, folder, report),
    applications: read.applications.map((one, i) => withToken(one, ['applications', i])),
    operators: read.operators.map((one, i) => withToken(one, ['operators', i])),
    peers: read.peers.map((one, i) => completePeer(withToken(one, ['peers', i]), ['peers', i], folder, report)),
    state: { directory: resolve(folder, read.state.directory ?? join(stateDirectory(env), 'orchestrator')) },
  };
}

type Tls = NonNullable<OrchestratorFile['tls']>;
type Peer = OrchestratorFile['peers'][number];

function completeTls({ certificate, key, clientAuthority }: Tls, folder: string, report: Report): Tls {
  const authority = clientAuthority === undefined ? {} : { ca: clientAuthority };
  const files = tlsFiles({ certificate, key, requestClientCertificate: false, ...authority }, folder, (name, message) =>
    report(['tls', name === 'ca' ? 'clientAuthority' : name], message),
  );
  return { certificate: files.certificate, key: files.key, clientAuthority: files.ca };
}

function completePeer(peer: Peer, path: Path, folder: string, report: Report): Peer {
  const theirs = { token: peer.peerToken, tokenFile: peer.peerTokenFile };
  const { tokenFile } = tokenFileOf(theirs, folder, (key, message) =>
    report([...path, key === 'token' ? 'peerToken' : 'peerTokenFile'], message),
  );
  const authority = peer.authority === undefined ? undefined : resolve(folder, peer.authority);
  const error = authority === undefined ? undefined : unreadable(authority);
  if (error !== undefined)
    report([...path, 'authority'], notAllowed(peer.authority, `a file that can be read (${error})`));
  return { ...peer, peerTokenFile: tokenFile, authority };
}
