// What a restart needs before leases are renewed, and its form on disk: moments of the local monotonic clock while it is in use, of the
// wall clock on disk. Leases are not in it: no wall clock counts for them. Nor is any token.
import * as z from 'zod';
import { resourceNames } from '../congestion/amounts.ts';
import { amounts, cause, instance, nameField, runningMode, sequence } from '../congestion/fields.ts';

const moment = z.number();
const text = z.string().max(200);
const placed = { by: text, reason: text, endsMs: moment };

const application = z.object({
  name: nameField,
  instances: z.object({
    current: instance,
    lastSequence: sequence,
    earlier: z
      .array(z.object({ instance, lastSequence: sequence }))
      .max(64)
      .readonly(),
  }),
  claim: z.object({
    essential: z.boolean(),
    priority: z.int().min(0).max(9),
    maximum: amounts,
    minimum: amounts,
  }),
  needsPerRequestPerSecond: amounts.optional(),
});

const limited = z.object({
  name: nameField,
  forced: z
    .array(z.object({ resource: z.enum(resourceNames), limit: z.number().nonnegative(), sinceMs: moment, cause: text }))
    .readonly(),
  isSuspended: z.boolean(),
});

const gap = z.object({
  ...placed,
  digits: z.string().regex(/^\d{1,15}$/),
  intervalSeconds: z.union([z.literal('stop'), z.number().min(0.1).max(600)]).optional(),
  passRatio: z.number().min(0).max(1).optional(),
  applications: z.array(nameField).readonly().optional(),
});

const content = z.object({
  mode: z.object({ mode: runningMode, sinceMs: moment, causes: z.array(cause).readonly() }),
  applications: z.array(application).readonly(),
  /** What each has. */
  allocated: z.array(z.object({ name: nameField, amounts })).readonly(),
  /** Those that are limited by force, or suspended: also those that are no longer registered. */
  limited: z.array(limited).readonly(),
  north: z.object({
    override: z.object({ ...placed, mode: runningMode }).optional(),
    gaps: z.array(gap).readonly(),
    drains: z.array(z.object({ ...placed, application: nameField })).readonly(),
  }),
});

/** Moments by the local monotonic clock, ms. */
export type JournalContent = z.output<typeof content>;

/** On disk: with moments of the wall clock. `epoch`: how often the orchestrator has been started with this journal. */
export const journalSchema = z.object({ version: z.literal(1), epoch: z.int().min(1).max(1e6), content });
export type JournalFile = z.output<typeof journalSchema>;

/** Nothing by hand holds longer than a day, so that a wall clock that was set back between two processes cannot make it. */
const mostHoldMs = 86_400_000;

/** With moments moved from one clock to the other: `byMs` is what the other shows more. */
export function shifted(content: JournalContent, byMs: number): JournalContent {
  return withMoments(
    content,
    (sinceMs) => sinceMs + byMs,
    (endsMs) => endsMs + byMs,
  );
}

/** What was read, as it is believed at `nowMs`: nothing began later than now, nor ends later than it could have been ordered. */
export function believed(content: JournalContent, nowMs: number): JournalContent {
  return withMoments(
    content,
    (sinceMs) => Math.min(sinceMs, nowMs),
    (endsMs) => Math.min(endsMs, nowMs + mostHoldMs),
  );
}

type Change = (moment: number) => number;

function withMoments(content: JournalContent, since: Change, end: Change): JournalContent {
  const begun = <T extends { sinceMs: number }>(one: T): T => ({ ...one, sinceMs: since(one.sinceMs) });
  const ending = <T extends { endsMs: number }>(one: T): T => ({ ...one, endsMs: end(one.endsMs) });
  const { override, gaps, drains } = content.north;
  return {
    ...content,
    mode: begun(content.mode),
    limited: content.limited.map((one) => ({ ...one, forced: one.forced.map(begun) })),
    north: {
      override: override === undefined ? undefined : ending(override),
      gaps: gaps.map(ending),
      drains: drains.map(ending),
    },
  };
}
