// The files that the configuration names: whether they can be read, and whether a certificate fits its key.
import { accessSync, constants, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { notAllowed } from './checks.ts';
import type { TlsConfig } from './interface-schema.ts';

/** Makes the paths absolute; reports those that cannot be read, and a key that does not belong to its certificate. */
export function tlsFiles(
  tls: TlsConfig,
  folder: string,
  report: (key: keyof TlsConfig, message: string) => void,
): TlsConfig {
  const absolute: TlsConfig = {
    ...tls,
    certificate: resolve(folder, tls.certificate),
    key: resolve(folder, tls.key),
    ...(tls.ca === undefined ? {} : { ca: resolve(folder, tls.ca) }),
  };
  let readable = true;
  for (const key of ['certificate', 'key', 'ca'] as const) {
    const error = absolute[key] === undefined ? undefined : unreadable(absolute[key]);
    if (error === undefined) continue;
    readable = false;
    report(key, notAllowed(tls[key], `a file that can be read (${error})`));
  }
  if (!readable) return absolute;
  try {
    createSecureContext({
      cert: readFileSync(absolute.certificate),
      key: readFileSync(absolute.key),
      ...(absolute.ca === undefined ? {} : { ca: readFileSync(absolute.ca) }),
    });
  } catch (error) {
    const allowed = `a PEM certificate whose private key is in \`key\` (${messageOf(error)})`;
    report('certificate', notAllowed(tls.certificate, allowed));
  }
  return absolute;
}

/** Why a file cannot be read, or undefined if it can. */
export function unreadable(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
