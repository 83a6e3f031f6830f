// A self-signed certificate for 127.0.0.1 and localhost, made by openssl for one test: no private key stands in the tree.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab-test.ts';

export interface Certificate {
  /** PEM file; also serves as the authority that signed it. */
  readonly certificate: string;
  readonly key: string;
}

export function makeCertificate(lab: Lab): Certificate {
  const certificate = join(lab.dir, 'certificate.pem');
  const key = join(lab.dir, 'key.pem');
  if (!existsSync(certificate)) {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'];
    const files = ['-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-days', '2', ...curve, ...names, ...files], { stdio: 'ignore' });
  }
  return { certificate, key };
}
