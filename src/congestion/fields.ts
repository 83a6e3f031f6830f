// What several bodies of the congestion API have in common. Times are spans, never moments, so that no two clocks have to agree.
import * as z from 'zod';
import { runningModes } from '../control/throttle.ts';
import { resourceNames } from './amounts.ts';

export const amount = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);

export const amounts = z
  .strictObject(Object.fromEntries(resourceNames.map((name) => [name, amount.optional()])) as AmountsShape)
  .meta({ id: 'Amounts', description: 'Amounts of resources; one that is left out is not spoken of' });
type AmountsShape = Record<(typeof resourceNames)[number], z.ZodOptional<typeof amount>>;

/** Names of applications, peers and operators: what tokens are given to. */
export const nameField = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/)
  .meta({ description: '1 to 64 letters, digits, ".", "_" and "-"; begins and ends with a letter or digit' });

export const sequence = z.int().min(1).max(Number.MAX_SAFE_INTEGER).meta({
  description:
    'Grows with each message of one instance; a message that is not above the last is a duplicate or late, and changes nothing',
});
export const session = z.string().min(8).max(64).meta({
  description:
    'As the answer to the registration gave it; another one means that the orchestrator was restarted, or that another instance registered',
});
export const instance = z.string().min(8).max(64).meta({ description: 'Random, chosen anew when the process starts' });
export const validitySeconds = z
  .number()
  .min(1)
  .max(3600)
  .meta({ description: 'For how long this holds unless it is renewed' });
export const ratio = z.number().min(0).max(1);
export const perSecond = z.number().nonnegative().max(1e9);
export const cause = z.string().max(200);

export const runningMode = z.enum(runningModes).meta({ id: 'RunningMode', description: 'L0 normal to L3 crisis' });

export const remainingSeconds = z.number().nonnegative().max(86_400);
export const digits = z.string().regex(/^\d{1,15}$/);
/** ITU-T E.412 §3.1, AIN ACG: one of the two. */
export const gapLimit = {
  intervalSeconds: z.union([z.literal('stop'), z.number().min(0.1).max(600)]).optional(),
  passRatio: ratio.optional(),
};
