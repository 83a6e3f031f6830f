// What `tracing:` asks of the other keys, and the file with headers that it names.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isLoopback } from '../admission/cidr.ts';
import { notAllowed } from './checks.ts';
import type { Report } from './document.ts';
import { messageOf } from './files.ts';
import type { FileConfig } from './schema.ts';
import type { TracingConfig } from './tracing-schema.ts';

/** Reports senders that are not there. */
export function tracingFaults({ tracing, interfaces }: FileConfig, report: Report): void {
  tracing.continueFrom.forEach((sender, i) => {
    const [name, neighbour] = sender.split('/') as [keyof typeof interfaces, string?];
    const side = interfaces[name];
    const neighbours = side !== undefined && 'neighbours' in side ? side.neighbours : [];
    const isKnown = neighbour === undefined || neighbours.some((one) => one.name === neighbour);
    if (side === undefined || !isKnown)
      report(['tracing', 'continueFrom', i], notAllowed(sender, 'an interface or a neighbour of this configuration'));
  });
}

/** Warns of what has no effect, and of secrets that anybody on the way can read. */
export function tracingWarnings({ tracing, engine }: FileConfig, report: Report): void {
  if (tracing.propagate && engine === 'drachtio')
    report(['tracing', 'propagate'], 'a drachtio-server writes what is sent on: no effect');
  if (tracing.headersFile === undefined || !tracing.otlp?.startsWith('http:')) return;
  const { hostname } = new URL(tracing.otlp);
  if (hostname !== 'localhost' && !isLoopback(hostname.replace(/^\[|\]$/g, '')))
    report(['tracing', 'otlp'], 'the headers of `headersFile` go there unencrypted; see https:');
}

/** Makes the path absolute; reports a file without headers. */
export function tracingFiles(tracing: TracingConfig, folder: string, report: Report): TracingConfig {
  if (tracing.headersFile === undefined) return tracing;
  const headersFile = resolve(folder, tracing.headersFile);
  try {
    readHeaders(headersFile);
  } catch (error) {
    const allowed = `a file with a header on each line (${messageOf(error)})`;
    report(['tracing', 'headersFile'], notAllowed(tracing.headersFile, allowed));
  }
  return { ...tracing, headersFile };
}

/** The headers in force. Throws where their file cannot be read or holds something else; what it holds is never said. */
export function tracingHeaders({ headersFile }: TracingConfig): Record<string, string> {
  return headersFile === undefined ? {} : readHeaders(headersFile);
}

function readHeaders(file: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [i, line] of readFileSync(file, 'utf8').split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const found = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]*?)[ \t]*$/.exec(line);
    if (found === null) throw new Error(`line ${i + 1} is not "Name: value"`);
    headers[found[1]!] = found[2]!;
  }
  if (Object.keys(headers).length === 0) throw new Error('it has none');
  return headers;
}
