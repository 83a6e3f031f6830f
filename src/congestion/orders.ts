// What the orchestrator says to an application (DESIGN.md §5): one document with all of it, of which the newest counts, so that
// nothing is lost with a message that is.
import * as z from 'zod';
import { resourceNames } from './amounts.ts';
import {
  amount,
  amounts,
  cause,
  digits,
  gapLimit,
  nameField,
  ratio,
  remainingSeconds,
  runningMode,
  sequence,
  session,
  validitySeconds,
} from './fields.ts';

export const modeReportSchema = z
  .strictObject({
    orchestrator: nameField,
    mode: runningMode,
    sinceSeconds: z.number().nonnegative(),
    causes: z.array(cause).max(64),
    attributes: z
      .strictObject({
        dumpNonEssential: z.boolean().meta({ description: 'L1 and above: what is not essential does not run' }),
        reductionRatio: ratio.meta({
          description: 'L2 and above: the part of its ordinary work that each gives up, in stages',
        }),
        slowed: z.boolean().meta({ description: 'L3: ordinary work is done slowly' }),
      })
      .meta({ description: 'What the mode asks of every application that is not exempt' }),
  })
  .meta({ id: 'ModeReport' });

const notice = z
  .strictObject({
    id: z.string().max(64),
    kind: z.enum(['start-load-shedding', 'load-shed-on-your-own', 'stop-cross-utilisation']).meta({
      description:
        'start-load-shedding: come down to `target`, or be forced; load-shed-on-your-own: how is your affair; stop-cross-utilisation: what was lent to you beyond `target` is needed elsewhere',
    }),
    target: amounts.meta({ description: 'Where use has to come down to; resources left out are not concerned' }),
    deadlineSeconds: z.number().nonnegative().meta({ description: 'Until it is enforced; counted from receipt' }),
    cause,
  })
  .meta({ id: 'Notice' });

const forcedLimit = z
  .strictObject({ resource: z.enum(resourceNames), limit: amount, sinceSeconds: z.number().nonnegative(), cause })
  .meta({ id: 'ForcedLimit' });

const control = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('gap'), digits, ...gapLimit, remainingSeconds, by: nameField }),
    z.strictObject({ kind: z.literal('drain'), remainingSeconds, by: nameField }),
  ])
  .meta({ id: 'Control', description: 'What an operator or an AIN element has placed on the application' });

export const ordersSchema = z
  .strictObject({
    orchestrator: nameField,
    application: nameField,
    session,
    sequence,
    validitySeconds,
    mode: modeReportSchema,
    exempt: z.boolean().meta({ description: 'A priority application: neither asked to shed nor forced' }),
    allocation: z.strictObject({
      maximum: amounts.meta({ description: 'What it may get at most' }),
      current: amounts.meta({ description: 'What it may use now' }),
      available: amounts.meta({ description: 'What is free on the host and could be asked for' }),
      boundary: amounts.optional().meta({ description: 'Its preset congestion boundary, while one is in force' }),
    }),
    notices: z.array(notice).max(64),
    forced: z.array(forcedLimit).max(16),
    suspended: z.boolean().meta({ description: 'It was dumped: it does not run until the mode is over' }),
    controls: z.array(control).max(1000),
  })
  .meta({
    id: 'Orders',
    description: 'All that the orchestrator says to an application; the newest replaces what was said before',
  });

export const requestOutcomes = ['granted', 'partly-granted', 'held', 'refused'] as const;
export const requestReasons = [
  'room', // there is enough
  'utilisation-is-moving', // in L0 nothing is added until use is stable
  'maximum', // of the application
  'no-room', // others of the same or a higher priority have it
  'crisis-mode', // boundaries are in force
  'out-of-turn', // a duplicate, or late
] as const;

export const requestAnswerSchema = z
  .strictObject({
    outcome: z.enum(requestOutcomes),
    granted: amounts,
    reason: z.enum(requestReasons),
    orders: ordersSchema,
  })
  .meta({ id: 'RequestAnswer' });

export type Orders = z.output<typeof ordersSchema>;
export type Notice = Orders['notices'][number];
export type ForcedLimit = Orders['forced'][number];
export type Control = Orders['controls'][number];
export type ModeReport = z.output<typeof modeReportSchema>;
export type ModeAttributes = ModeReport['attributes'];
export type RequestAnswer = z.output<typeof requestAnswerSchema>;
export type RequestOutcome = RequestAnswer['outcome'];
export type RequestReason = RequestAnswer['reason'];
