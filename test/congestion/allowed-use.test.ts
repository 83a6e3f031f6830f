import { describe, expect, it } from 'vitest';
import { allowedUse, askedUse } from '../../src/congestion/allowed-use.ts';
import type { Orders } from '../../src/congestion/orders.ts';
import { initialOrders } from './fake-orchestrator.ts';

const allowed = (fields: Partial<Orders>, allocation: Partial<Orders['allocation']> = {}) =>
  allowedUse({ ...initialOrders, ...fields, allocation: { maximum: {}, current: {}, available: {}, ...allocation } });

describe('how much may be used', () => {
  it('is not bounded without orders', () => {
    expect(allowedUse(undefined)).toEqual({});
    expect(askedUse(undefined)).toEqual({});
  });

  it('is what is allocated', () => expect(allowed({}, { current: { cpuCores: 2 } })).toEqual({ cpuCores: 2 }));

  it('is the least of allocation, boundary, targets and forced limits, resource by resource', () => {
    const notice = { id: 'n', kind: 'start-load-shedding', deadlineSeconds: 5, cause: '' } as const;
    const fields = {
      notices: [
        { ...notice, target: { cpuCores: 1.5 } },
        { ...notice, id: 'm', target: { cpuCores: 1.2, memoryBytes: 100 } },
      ],
      forced: [{ resource: 'diskBytes', limit: 7, sinceSeconds: 0, cause: '' }],
    } satisfies Partial<Orders>;
    const allocation = { current: { cpuCores: 2, memoryBytes: 50 }, boundary: { cpuCores: 1.3 } };
    expect(askedUse({ ...initialOrders, ...fields })).toEqual({ cpuCores: 1.2, memoryBytes: 100, diskBytes: 7 });
    expect(allowed(fields, allocation)).toEqual({ cpuCores: 1.2, memoryBytes: 50, diskBytes: 7 });
  });
});
