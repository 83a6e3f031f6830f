// The keys of the HTTP listener for operators and Prometheus.
import * as z from 'zod';
import { flag, httpListen, list, name, path, section } from './fields.ts';
import { refusals } from './refusals-schema.ts';

/** In words; the fault never shows the value. */
export const tokenAllowed = '16 to 256 letters, digits, ".", "_", "~", "+", "/" or "-" (RFC 6750)';
const tokenForm = /^[A-Za-z0-9\-._~+/]{16,256}=*$/;

/** RFC 6750 §2.1 b64token, long enough that it cannot be guessed. */
export const isToken = (text: string): boolean => tokenForm.test(text);

const error = `allowed: ${tokenAllowed}`;

/** A bearer token; shown in no fault (document.ts). */
export const token = () => z.string({ error }).regex(tokenForm, { error }).meta({ allowed: tokenAllowed });

const operator = section({
  name: name().meta({ description: 'Who it is, in the audit; unique' }),
  token: token().optional().meta({ description: 'Their own token' }),
  tokenFile: path().optional().meta({ description: 'A file with it, instead; its first line counts' }),
});

export const admin = section({
  listen: httpListen().prefault('127.0.0.1:9464').meta({
    description: 'HTTP for /metrics, /healthz, /readyz, /v1/status and the controls of operators',
  }),
  token: token().optional().meta({
    description:
      'What a request must carry that changes something (`Authorization: Bearer`). Without any token, only a listener on the loopback lets anything be changed',
  }),
  tokenFile: path().optional().meta({
    description:
      'A file with the token, so that no secret stands here; its first line counts. Not together with `token`',
  }),
  operators: list(operator).prefault([]).meta({
    description: 'People and systems with a token each, so that the audit tells who changed what',
  }),
  console: flag().default(true).meta({
    description: 'Serve the page for operators at `/`. What it reads, /v1/history and the like, is there in any case',
  }),
  refusals,
}).prefault({});
