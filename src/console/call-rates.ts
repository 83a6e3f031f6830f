// The four rates of calls, each made in the same way.
import type { CallRates } from '../admin/history-json.ts';

export const callKeys = [
  'offered',
  'admitted',
  'refused',
  'completed',
] as const satisfies readonly (keyof CallRates<0>)[];

export function callRates<T>(of: (key: keyof CallRates<T>) => T): CallRates<T> {
  return {
    offered: of('offered'),
    admitted: of('admitted'),
    refused: of('refused'),
    completed: of('completed'),
  };
}
