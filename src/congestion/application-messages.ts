// What an application says to the orchestrator (DESIGN.md §5). State is leased: what is not renewed in time decays to a safe default;
// a message whose sequence number is not above the last one changes nothing.
import * as z from 'zod';
import { resourceNames } from './amounts.ts';
import { amounts, instance, perSecond, ratio, runningMode, sequence, session, validitySeconds } from './fields.ts';

export const registrationSchema = z
  .strictObject({
    instance,
    sequence,
    validitySeconds,
    essential: z
      .boolean()
      .default(true)
      .meta({ description: 'false: may be dumped in L1. The orchestrator may know better' }),
    priority: z
      .int()
      .min(0)
      .max(9)
      .default(5)
      .meta({ description: '9 is the highest; never above what the orchestrator is configured with' }),
    maximum: amounts.default({}).meta({ description: 'What it can make use of at most' }),
    minimum: amounts.default({}).meta({ description: 'What it cannot work without' }),
    needsPerRequestPerSecond: amounts.optional().meta({ description: 'What one request (call) a second takes' }),
    callback: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/ })
          .max(500)
          .meta({ pattern: '^[Hh][Tt][Tt][Pp][Ss]?:', description: 'On the loopback, or on a host that is allowed' }),
        token: z
          .string()
          .regex(/^[A-Za-z0-9\-._~+/]{16,256}=*$/)
          .optional()
          .meta({ description: 'Sent as bearer token with each callback' }),
      })
      .optional()
      .meta({ description: 'Where orders are sent; without it the application fetches them' }),
  })
  .meta({ id: 'Registration' });

const buffer = z.strictObject({
  name: z.string().min(1).max(64),
  fillRatio: ratio,
  drops: z.int().nonnegative().default(0).meta({ description: 'Since the last report' }),
});

export const reportSchema = z
  .strictObject({
    session,
    sequence,
    validitySeconds,
    used: amounts.default({}).meta({ description: 'What it uses now' }),
    buffers: z.array(buffer).max(32).default([]),
    rates: z
      .strictObject({
        requestsPerSecond: perSecond.meta({ description: 'Offered, whether admitted or not' }),
        normalPerSecond: perSecond
          .optional()
          .meta({ description: 'What is normal at this hour; absent while it is not known' }),
        admittedPerSecond: perSecond.optional(),
        completedPerSecond: perSecond.optional(),
        priorityPerSecond: perSecond.optional(),
      })
      .optional(),
    reserveInUse: z.boolean().default(false).meta({ description: 'Whether its emergency reserve is being used' }),
    mode: runningMode.default('L0').meta({ description: 'The mode that it runs in' }),
  })
  .meta({ id: 'Report' });

export const resourceRequestSchema = z
  .strictObject({
    session,
    sequence,
    wanted: amounts.meta({ description: 'More than the current allocation by so much' }),
  })
  .meta({ id: 'ResourceRequest' });

export const notificationSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('pre-congestion'),
      session,
      sequence,
      resource: z.enum(resourceNames),
      utilisationRatio: ratio.meta({ description: 'Of its allocation' }),
      secondsToThreshold: z
        .number()
        .min(0)
        .max(86_400)
        .meta({ description: 'Until it is congested, if load goes on growing as it does' }),
    }),
    z.strictObject({
      kind: z.literal('low-utilisation'),
      session,
      sequence,
      unused: amounts.meta({ description: 'What may be taken back' }),
    }),
  ])
  .meta({ id: 'Notification' });

export type Registration = z.output<typeof registrationSchema>;
export type Report = z.output<typeof reportSchema>;
export type ResourceRequest = z.output<typeof resourceRequestSchema>;
export type Notification = z.output<typeof notificationSchema>;
