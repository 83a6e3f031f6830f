// The token of the HTTP listener: from the configuration, or from a file that it names.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isToken, tokenAllowed } from './admin-schema.ts';
import { notAllowed } from './checks.ts';
import { messageOf } from './files.ts';
import type { FileConfig } from './schema.ts';

type AdminConfig = FileConfig['admin'];

/** Makes the path absolute; reports a file that cannot be read or holds no token, and two tokens. */
export function adminFiles(
  admin: AdminConfig,
  folder: string,
  report: (key: keyof AdminConfig, message: string) => void,
): AdminConfig {
  if (admin.tokenFile === undefined) return admin;
  if (admin.token !== undefined) {
    report('tokenFile', notAllowed(admin.tokenFile, 'one of token and tokenFile, and not both'));
    return admin;
  }
  const tokenFile = resolve(folder, admin.tokenFile);
  try {
    readToken(tokenFile);
  } catch (error) {
    report('tokenFile', notAllowed(admin.tokenFile, `a file with a token (${messageOf(error)})`));
  }
  return { ...admin, tokenFile };
}

/** The token in force; undefined where none is configured. Throws where the file cannot be read or holds none. */
export function adminToken({ token, tokenFile }: AdminConfig): string | undefined {
  return token ?? (tokenFile === undefined ? undefined : readToken(tokenFile));
}

function readToken(file: string): string {
  const [line = ''] = readFileSync(file, 'utf8').split('\n');
  const token = line.trim();
  if (!isToken(token)) throw new Error(`its first line is not ${tokenAllowed}`);
  return token;
}
