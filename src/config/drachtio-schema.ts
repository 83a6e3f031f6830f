// The keys under `drachtio:`: the drachtio-server that carries SIP where `engine` is `drachtio`.
import * as z from 'zod';
import { parseHostPort } from './addresses.ts';
import { flag, oneOf, path, section, whole } from './fields.ts';

const hostAllowed = 'an address or a name, without a port';
const isHost = (text: string): boolean => {
  const parsed = parseHostPort(text);
  return parsed !== undefined && parsed.port === undefined;
};

/** It stands between bars in the server's protocol, on a line. */
const secretForm = /^[^|\r\n]{1,256}$/;
export const secretAllowed = '1 to 256 characters, on one line and without "|"';
export const isSecret = (text: string): boolean => secretForm.test(text);
const secretError = `allowed: ${secretAllowed}`;

const urlAllowed = 'http://HOST:PORT/PATH or https://HOST:PORT/PATH';

export const failOvers = ['privileged', 'always', 'never'] as const;

export const drachtio = section({
  host: z
    .string({ error: `allowed: ${hostAllowed}` })
    .refine(isHost, { error: `allowed: ${hostAllowed}` })
    .default('127.0.0.1')
    .meta({ allowed: hostAllowed, description: 'Where the server waits for applications (`<admin>` in its file)' }),
  port: whole('port', 1, 65_535).default(9022).meta({ description: 'Its port for applications' }),
  secret: z.string({ error: secretError }).regex(secretForm, { error: secretError }).optional().meta({
    allowed: secretAllowed,
    description: "The server's secret; default: `cymru`, with which it is shipped",
  }),
  secretFile: path().optional().meta({
    description: 'A file with the secret; its first line counts. Not together with `secret`',
  }),
  tls: flag().default(false).meta({ description: 'Connect with TLS: `tls-port` of `<admin>`' }),
  ca: path().optional().meta({
    description: 'PEM file with the authorities that its certificate must be of; default: those of Node',
  }),
  allowRemote: flag().default(false).meta({
    description:
      'Let `host` be on another machine. The server does not insist on its secret: whoever reaches that port takes its calls',
  }),
  retryMaxDelayMs: whole('ms', 250, 60_000)
    .default(5000)
    .meta({ description: 'Longest pause between attempts to connect' }),
  selfTestSeconds: whole('seconds', 0, 3600).default(30).meta({
    description:
      'How often a request of our own is sent through the server, to see that all that it hands over arrives here; 0: never',
  }),
  metricsUrl: z
    .url({ protocol: /^https?$/, error: `allowed: ${urlAllowed}` })
    .optional()
    .meta({
      allowed: urlAllowed,
      description: "The server's own metrics (`<prometheus>`): what it received and did not hand over",
    }),
  failOver: oneOf(failOvers).default('privileged').meta({
    description:
      'Which calls the server tries on the next switch. It does so after any failure, a busy signal included, which is work done twice: so only for emergency and priority calls',
  }),
}).prefault({});

export type DrachtioConfig = z.output<typeof drachtio>;
