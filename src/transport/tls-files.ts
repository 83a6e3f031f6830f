// Reads the PEM files of a TLS listener into what node:tls takes, for both directions.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from './transport-options.ts';

export interface TlsSettings {
  readonly server: TlsOptions;
  readonly client: ConnectionOptions;
  /** Unix time when the first certificate of the chain runs out. */
  readonly endsUnixSeconds: number;
}

/** Throws an Error of one line that names the file. */
export function readTlsFiles(files: TlsFiles): TlsSettings {
  const certificate = read('certificate', files.certificate);
  const key = read('key', files.key);
  const ca = files.ca === undefined ? undefined : read('ca', files.ca);
  // RFC 8996: nothing below TLS 1.2.
  const shared = { minVersion: 'TLSv1.2' as const, cert: certificate, key, ...(ca === undefined ? {} : { ca }) };
  try {
    createSecureContext(shared);
  } catch (error) {
    throw new Error(`certificate ${files.certificate} with key ${files.key}: ${firstLine(error)}`);
  }
  const demand = files.requestClientCertificate === true;
  return {
    server: { ...shared, requestCert: demand, rejectUnauthorized: demand },
    client: {
      ...shared,
      rejectUnauthorized: files.acceptAnyServer !== true,
      ...(files.serverName === undefined ? {} : { servername: files.serverName }),
    },
    endsUnixSeconds: certificateEnd(certificate),
  };
}

const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Unix time when the first certificate in a PEM file runs out: a chain holds as long as its weakest link. NaN: there is none. */
export function certificateEnd(pem: Buffer | string): number {
  const ends = (pem.toString().match(pemBlock) ?? []).map((one) => Date.parse(new X509Certificate(one).validTo) / 1000);
  return ends.length === 0 ? Number.NaN : Math.min(...ends);
}

function read(what: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Error(`${what} ${path}: ${code === 'ENOENT' ? 'no such file' : firstLine(error)}`);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
