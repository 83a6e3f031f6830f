// A certificate authority of a test's own, and certificates of clients and servers under it, made by openssl.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Names of PEM files, and what is in them. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
  readonly pem: { readonly cert: string; readonly key: string };
}

export interface Authority {
  readonly certificate: string;
  readonly pem: string;
  /** `names`: as openssl writes them, `DNS:a.example,IP:127.0.0.1`. */
  issue(commonName: string, names?: string): Issued;
  /** Signed by itself. */
  stranger(commonName: string): Issued;
}

/** Removed after the tests of the file. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-authority-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let made = 0;
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const keyTo = (file: string): string[] => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file,
  ];
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const issued = (name: string): Issued => ({
    ...{ certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) },
    pem: { cert: read(`${name}.pem`), key: read(`${name}.key`) },
  });
  openssl('req', '-x509', ...keyTo('ca.key'), '-out', 'ca.pem', '-subj', '/CN=Authority of a test', '-days', '2');
  return {
    certificate: join(folder, 'ca.pem'),
    pem: read('ca.pem'),
    issue(commonName, names) {
      const name = `issued-${made++}`;
      openssl('req', ...keyTo(`${name}.key`), '-out', `${name}.csr`, '-subj', `/CN=${commonName}`);
      writeFileSync(join(folder, `${name}.ext`), names === undefined ? '' : `subjectAltName=${names}\n`);
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`, '-days', '2'];
      openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`);
      return issued(name);
    },
    stranger(commonName) {
      const name = `stranger-${made++}`;
      openssl(
        'req',
        '-x509',
        ...keyTo(`${name}.key`),
        '-out',
        `${name}.pem`,
        '-subj',
        `/CN=${commonName}`,
        '-days',
        '2',
      );
      return issued(name);
    },
  };
}
