// The files that `capture.hep` names, and its password.
import { resolve } from 'node:path';
import { notAllowed } from './checks.ts';
import type { Report } from './document.ts';
import { messageOf, unreadable } from './files.ts';
import { type HepConfig, isPassword, passwordAllowed } from './hep-schema.ts';
import { readSecretLine } from './secret-file.ts';

/** Makes paths absolute; reports files that cannot be read or hold no password, and two passwords for one. */
export function hepFiles(hep: HepConfig, folder: string, report: Report): HepConfig {
  const ca = hep.ca === undefined ? undefined : resolve(folder, hep.ca);
  const fault = ca === undefined ? undefined : unreadable(ca);
  if (fault !== undefined) report(['capture', 'hep', 'ca'], notAllowed(hep.ca, `a file that can be read (${fault})`));
  const own = { ...hep, ...(ca !== undefined && { ca }) };
  if (hep.passwordFile === undefined) return own;
  const key = ['capture', 'hep', 'passwordFile'] as const;
  if (hep.password !== undefined)
    report(key, notAllowed(hep.passwordFile, 'one of password and passwordFile, and not both'));
  const passwordFile = resolve(folder, hep.passwordFile);
  try {
    readPassword(passwordFile);
  } catch (error) {
    report(key, notAllowed(hep.passwordFile, `a file with the password (${messageOf(error)})`));
  }
  return { ...own, passwordFile };
}

/** The password in force; undefined where there is none. Throws where its file cannot be read. */
export function hepPassword({ password, passwordFile }: HepConfig): string | undefined {
  return password ?? (passwordFile === undefined ? undefined : readPassword(passwordFile));
}

const readPassword = (file: string): string => readSecretLine(file, isPassword, passwordAllowed);
