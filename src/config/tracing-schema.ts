// The keys under `tracing:`: which admitted calls are traced, what a trace tells of them, and where it goes (OpenTelemetry, OTLP/HTTP).
import * as z from 'zod';
import { flag, list, name, oneOf, path, real, section, whole } from './fields.ts';

const urlAllowed = 'http:// or https://, then HOST:PORT or HOST:PORT/PATH';
const isUrl = (text: string): boolean => /^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/i.test(text) && URL.canParse(text);

const senderAllowed = 'south, east, west, north or core, or INTERFACE/NEIGHBOUR';
const senderForm = /^(south|east|west|north|core)(\/[A-Za-z0-9][A-Za-z0-9._-]{0,62})?$/;

const sender = () =>
  z
    .string({ error: `allowed: ${senderAllowed}` })
    .regex(senderForm, { error: `allowed: ${senderAllowed}` })
    .meta({ allowed: senderAllowed });

export const tracing = section({
  otlp: z
    .string({ error: `allowed: ${urlAllowed}` })
    .refine(isUrl, { error: `allowed: ${urlAllowed}` })
    .optional()
    .meta({
      allowed: urlAllowed,
      description:
        'Where spans are sent: OTLP over HTTP, as JSON; `/v1/traces` is added. Default: nowhere, tracing is off and nothing of it is loaded',
    }),
  headersFile: path().optional().meta({
    description:
      'A file with headers of these requests, such as `Authorization: Bearer …`: one `Name: value` on a line',
  }),
  serviceName: name().default('surgegate').meta({ description: '`service.name` of the spans' }),
  ratio: real('share', 0, 1).default(0.01).meta({ description: 'Share of the admitted ordinary calls that is traced' }),
  priorityRatio: real('share', 0, 1).default(1).meta({ description: 'The same of priority and emergency calls' }),
  callsPerSecond: whole('calls per second', 1, 10_000).default(50).meta({
    description:
      'Calls traced in any second, at most; ordinary ones leave a fifth of it to priority and emergency calls',
  }),
  callId: oneOf(['hash', 'full']).default('hash').meta({
    description:
      'What stands for the Call-ID. `hash`: the first 16 digits of its SHA-256, which finds a call whose Call-ID one has, and tells nothing to others; `full`: the Call-ID',
  }),
  numberDigits: whole('digits', 0, 15).default(0).meta({
    description: 'How many leading digits of the called number a trace may show; 0: none',
  }),
  continueFrom: list(sender()).prefault([]).meta({
    description:
      'Senders whose `traceparent` (W3C Trace Context) is believed: their traces go on here, and they say which calls are traced',
  }),
  propagate: flag().default(false).meta({
    description: 'Put a `traceparent` on the INVITEs of traced calls, so that the switch can go on with the trace',
  }),
})
  .prefault({})
  .meta({ description: 'Traces of admitted calls (OpenTelemetry)' });

export type TracingConfig = z.output<typeof tracing>;
