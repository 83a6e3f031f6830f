// What peers, operators and AIN elements say to the orchestrator, and what they are told (DESIGN.md §5, the seed's north and
// east/west sides).
import * as z from 'zod';
import { cause, gapLimit, instance, nameField, runningMode, sequence, validitySeconds } from './fields.ts';

export const peerReportSchema = z
  .strictObject({
    instance,
    sequence,
    validitySeconds,
    mode: runningMode,
    causes: z.array(cause).max(64).default([]),
  })
  .meta({ id: 'PeerReport', description: 'The state of another autonomous system' });

const seconds = z.number().positive().max(86_400).meta({ description: 'How long it holds; nothing holds for ever' });
const reason = z.string().min(1).max(200).meta({ description: 'For the audit' });

export const overrideSchema = z.strictObject({ mode: runningMode, seconds, reason }).meta({ id: 'ModeOverride' });
export const gapControlSchema = z
  .strictObject({ ...gapLimit, seconds, reason, applications: z.array(nameField).max(64).optional() })
  .refine((gap) => (gap.intervalSeconds === undefined) !== (gap.passRatio === undefined), {
    error: 'one of intervalSeconds and passRatio',
  })
  .meta({
    id: 'GapControl',
    description: 'Call gapping or code blocking (ITU-T E.412); without `applications` on all',
    oneOf: [{ required: ['intervalSeconds'] }, { required: ['passRatio'] }],
  });
export const drainControlSchema = z.strictObject({ seconds, reason }).meta({ id: 'DrainControl' });

export const auditEntrySchema = z
  .strictObject({
    at: z.iso.datetime(),
    by: z.string().max(64),
    action: z.enum(['override', 'lift-override', 'gap', 'lift-gap', 'drain', 'lift-drain']),
    subject: z.string().max(200).meta({ description: 'Digits, application or mode' }),
    reason: z.string().max(200),
    until: z.iso.datetime().optional(),
  })
  .meta({ id: 'AuditEntry', description: 'Who did what, when, until when' });

export const transitionSchema = z
  .strictObject({
    at: z.iso.datetime(),
    from: runningMode,
    to: runningMode,
    causes: z.array(cause).max(64),
  })
  .meta({ id: 'Transition' });

export type PeerReport = z.output<typeof peerReportSchema>;
export type ModeOverride = z.output<typeof overrideSchema>;
export type GapControl = z.output<typeof gapControlSchema>;
export type DrainControl = z.output<typeof drainControlSchema>;
export type AuditEntry = z.output<typeof auditEntrySchema>;
export type Transition = z.output<typeof transitionSchema>;
