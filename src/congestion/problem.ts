// Errors of the congestion API as RFC 9457 problem details.
import * as z from 'zod';

export const problemTypes = [
  'about:blank', // what the status code says
  'urn:surgegate:problem:invalid-message',
  'urn:surgegate:problem:unknown-session', // register again
  'urn:surgegate:problem:not-registered',
  'urn:surgegate:problem:too-many-requests',
] as const;

export const problemSchema = z
  .strictObject({
    type: z.enum(problemTypes),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().optional(),
    faults: z
      .array(z.strictObject({ key: z.string(), message: z.string() }))
      .max(32)
      .optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema>;
export type ProblemType = Problem['type'];
