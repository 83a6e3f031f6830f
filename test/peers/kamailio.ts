// Kamailio as a switch, a registrar or a peer carrier: a configuration from test/e2e/kamailio with its @NAMES@ filled in.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from './child.ts';
import { answersOptions } from './datagram.ts';
import type { Lab } from './lab-test.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

const configurations = fileURLToPath(new URL('../e2e/kamailio/', import.meta.url));

export interface Kamailio {
  readonly child: Child;
  readonly host: string;
  readonly port: number;
  /** `host:port`, IPv6 in brackets; UDP and TCP. */
  readonly address: string;
}

/**
 * Starts `kamailio/<configuration>.cfg` and waits until it answers OPTIONS over UDP. @HOST@ and @PORT@ are set here,
 * every other @NAME@ comes from `values`; one that is left unfilled is an error.
 */
export async function startKamailio(
  lab: Lab,
  configuration: string,
  values: Readonly<Record<string, string | number>> = {},
  host = '127.0.0.1',
): Promise<Kamailio> {
  const port = typeof values.PORT === 'number' ? values.PORT : await freePort(host);
  const printed = host.includes(':') ? `[${host}]` : host;
  const all: Record<string, string | number> = { HOST: printed, PORT: port, ...values };
  const name = lab.uniqueName(`kamailio-${configuration}`);
  const folder = join(lab.dir, name);
  mkdirSync(folder);
  const text = readFileSync(join(configurations, `${configuration}.cfg`), 'utf8').replace(/@([A-Z_]+)@/g, (_, key) => {
    const value = all[key as string];
    if (value === undefined) throw new Error(`${configuration}.cfg wants @${key}@`);
    return String(value);
  });
  const file = join(folder, 'kamailio.cfg');
  writeFileSync(file, text);
  const args = ['-f', file, '-DD', '-E', '-m', '64', '-M', '4', '-Y', folder, '-w', folder];
  const path = `${process.env.PATH ?? ''}:/usr/sbin`;
  const child = lab.start(name, 'kamailio', args, { PATH: path });
  await waitFor(`${name} to answer OPTIONS`, async () => {
    if (!child.running()) throw new Error(child.log().slice(-800));
    return answersOptions(host, port, 200);
  });
  return { child, host, port, address: `${printed}:${port}` };
}
