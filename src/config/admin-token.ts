// The tokens of the HTTP listener: from the configuration, or from files that it names.
import { resolve } from 'node:path';
import { isToken, tokenAllowed } from './admin-schema.ts';
import { notAllowed } from './checks.ts';
import type { Report } from './document.ts';
import { messageOf } from './files.ts';
import type { FileConfig } from './schema.ts';
import { readSecretLine } from './secret-file.ts';

type AdminConfig = FileConfig['admin'];

interface TokenKeys {
  token?: string | undefined;
  tokenFile?: string | undefined;
}

/** Makes paths absolute; reports files that cannot be read or hold no token, two tokens for one, and one for two. */
export function adminFiles(admin: AdminConfig, folder: string, report: Report): AdminConfig {
  const operators = admin.operators.map((one, i) => {
    const path = ['admin', 'operators', i] as const;
    if (one.token === undefined && one.tokenFile === undefined)
      report([...path, 'token'], 'is missing; allowed: a token, or a tokenFile');
    return tokenFileOf(one, folder, (key, message) => report([...path, key], message));
  });
  const found = tokenFileOf(admin, folder, (key, message) => report(['admin', key], message));
  return { ...found, operators };
}

/** The same for any mapping with `token` and `tokenFile`. */
export function tokenFileOf<T extends TokenKeys>(
  keys: T,
  folder: string,
  report: (key: 'token' | 'tokenFile', message: string) => void,
): T {
  if (keys.tokenFile === undefined) return keys;
  if (keys.token !== undefined) {
    report('tokenFile', notAllowed(keys.tokenFile, 'one of token and tokenFile, and not both'));
    return keys;
  }
  const tokenFile = resolve(folder, keys.tokenFile);
  try {
    readToken(tokenFile);
  } catch (error) {
    report('tokenFile', notAllowed(keys.tokenFile, `a file with a token (${messageOf(error)})`));
  }
  return { ...keys, tokenFile };
}

/** The token in force; undefined where none is configured. Throws where the file cannot be read or holds none. */
export function tokenOf({ token, tokenFile }: TokenKeys): string | undefined {
  return token ?? (tokenFile === undefined ? undefined : readToken(tokenFile));
}

/** Who may change something over HTTP: `admin.token` goes by the name of `token`. Throws as `tokenOf`. */
export function adminTokens(admin: AdminConfig): { readonly name: string; readonly token: string }[] {
  const all = [
    { name: 'token', token: tokenOf(admin) },
    ...admin.operators.map((one) => ({ name: one.name, token: tokenOf(one) })),
  ];
  return all.flatMap(({ name, token }) => (token === undefined ? [] : [{ name, token }]));
}

const readToken = (file: string): string => readSecretLine(file, isToken, tokenAllowed);
