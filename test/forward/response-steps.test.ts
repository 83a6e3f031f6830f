import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newResponseContext, type ResponseContext, type ResponseEvent } from '../../src/forward/response-context.ts';
import { stepResponse } from '../../src/forward/response-rule.ts';
import { ResponseSteps } from '../../src/forward/response-steps.ts';

const branch = fc.nat(2);
const event: fc.Arbitrary<ResponseEvent> = fc.oneof(
  fc.constantFrom<ResponseEvent>({ kind: 'started' }, { kind: 'no-next' }, { kind: 'cancelled' }),
  fc
    .tuple(branch, fc.constantFrom(100, 180, 183, 200, 302, 404, 486, 487, 503, 600))
    .map(([branch, status]) => ({ kind: 'response', branch, status }) as const),
  fc
    .tuple(branch, fc.constantFrom('timeout', 'transport-error', 'timer-c', 'cancel-expired', 'branch-ended'))
    .map(([branch, kind]) => ({ kind, branch }) as ResponseEvent),
);

it('are the steps of the rule, whatever calls were played before', () => {
  const steps = new ResponseSteps();
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let context: ResponseContext = newResponseContext;
      let plain: ResponseContext = newResponseContext;
      for (const one of events) {
        const step = steps.step(context, one);
        const expected = stepResponse(plain, one);
        expect(step).toEqual(expected);
        context = step.context;
        plain = expected.context;
      }
    }),
    { numRuns: 2000 },
  );
});

it('are the very same for the next call', () => {
  const steps = new ResponseSteps();
  const play = () =>
    [{ kind: 'started' } as const, { kind: 'response', branch: 0, status: 180 } as const].reduce(
      (context: ResponseContext, one) => steps.step(context, one).context,
      newResponseContext,
    );
  expect(play()).toBe(play());
});
