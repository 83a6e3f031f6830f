// The keys under `capture:`: copies of the signalling for a HOMER collector (HEP3).
import * as z from 'zod';
import { flag, name, path, real, section, targetAddress, whole } from './fields.ts';

/** It stands in every packet, as it is. */
const passwordForm = /^[\x21-\x7e]{1,64}$/;
export const passwordAllowed = '1 to 64 printable characters of ASCII without a space';
export const isPassword = (text: string): boolean => passwordForm.test(text);
const passwordError = `allowed: ${passwordAllowed}`;

const hep = section({
  address: targetAddress().optional().meta({
    description: 'The collector; its usual port is 9060. Default: none, nothing is mirrored',
  }),
  ca: path().optional().meta({
    description:
      'PEM file with the authorities that the certificate of a `tls:` collector must be of; default: those of Node',
  }),
  captureId: whole('id', 0, 4_294_967_295)
    .default(2001)
    .meta({ description: 'Who captures, as a number: each edge its own' }),
  nodeName: name().optional().meta({ description: 'The same as a name; default: none is sent' }),
  password: z.string({ error: passwordError }).regex(passwordForm, { error: passwordError }).optional().meta({
    allowed: passwordAllowed,
    description: 'The authenticate key of the collector. Packets carry it as it is: use `tls:` where others can listen',
  }),
  passwordFile: path().optional().meta({
    description: 'A file with it, so that no secret stands here; its first line counts. Not together with `password`',
  }),
  ratio: real('share', 0, 1).default(1).meta({
    description: 'Share of the calls that is mirrored, by the hash of the Call-ID: the same calls on every edge',
  }),
  messagesPerSecond: whole('per second', 100, 100_000).default(5000).meta({
    description:
      'Messages mirrored, at most. Fewer calls are begun before it is reached, so that those begun are whole; the last fifth is for priority and emergency calls',
  }),
  refusalsPerSecond: whole('per second', 0, 10_000)
    .default(100)
    .meta({ description: 'Refused calls mirrored, at most, beside the others; 0: none' }),
  queueBytes: whole('bytes', 65_536, 1_073_741_824)
    .default(4_194_304)
    .meta({ description: 'What may wait for the collector; packets on top of that are dropped, and counted' }),
  maskCredentials: flag().default(true).meta({
    description: 'Overwrite Authorization, Proxy-Authorization and the keys of media in what is mirrored',
  }),
}).prefault({});

export const capture = section({ hep })
  .prefault({})
  .meta({ description: 'Copies of the signalling for a HOMER collector (HEP3)' });

export type HepConfig = z.output<typeof hep>;
