// Makes a certificate authority and certificates under it with the openssl command, in a folder of the test's own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  readonly ca: string;
  /** For 127.0.0.1, ::1, localhost and sip.example.net. */
  readonly certificate: string;
  readonly key: string;
  /** Signed by nobody else. */
  readonly strangerCertificate: string;
  readonly strangerKey: string;
  remove(): void;
}

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-tls-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const key = (name: string): string[] => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    name,
  ];
  openssl('req', '-x509', ...key('ca.key'), '-out', 'ca.pem', '-subj', '/CN=Test authority', '-days', '3');
  openssl('req', ...key('edge.key'), '-out', 'edge.csr', '-subj', '/CN=edge');
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost,DNS:sip.example.net\n');
  const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', '2'];
  openssl('x509', '-req', '-in', 'edge.csr', ...sign, '-out', 'edge.pem');
  openssl('req', '-x509', ...key('stranger.key'), '-out', 'stranger.pem', '-subj', '/CN=stranger', '-days', '2');
  return {
    ca: at('ca.pem'),
    certificate: at('edge.pem'),
    key: at('edge.key'),
    strangerCertificate: at('stranger.pem'),
    strangerKey: at('stranger.key'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
