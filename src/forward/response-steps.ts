// The steps of the response rule that have been taken before. Contexts are values, and nearly every call goes through the same
// few, from `newResponseContext` on: so its step is one that is there already, and the call keeps nothing of its own.
import type { ResponseContext, ResponseEvent, ResponseStep } from './response-context.ts';
import { stepResponse } from './response-rule.ts';

/** Rare steps are many; when so many are kept, the rule is asked for every other one. */
const mostSteps = 4_000;

export class ResponseSteps {
  private readonly known = new Map<ResponseContext, Map<number, ResponseStep>>();
  private count = 0;

  /** What `stepResponse` returns. */
  step(context: ResponseContext, event: ResponseEvent): ResponseStep {
    const key = keyOf(event);
    const steps = this.known.get(context);
    const step = steps?.get(key);
    if (step !== undefined) return step;
    const taken = stepResponse(context, event);
    if (this.count === mostSteps) return taken;
    this.count++;
    if (steps === undefined) this.known.set(context, new Map([[key, taken]]));
    else steps.set(key, taken);
    return taken;
  }
}

/** Different for different events: kind, branch (0 to 15) and status. */
function keyOf(event: ResponseEvent): number {
  switch (event.kind) {
    case 'response':
      return 1024 * event.branch + event.status;
    case 'started':
      return -1;
    case 'no-next':
      return -2;
    case 'cancelled':
      return -3;
    case 'timeout':
      return -16 * (event.branch + 1);
    case 'transport-error':
      return -16 * (event.branch + 1) - 1;
    case 'timer-c':
      return -16 * (event.branch + 1) - 2;
    case 'cancel-expired':
      return -16 * (event.branch + 1) - 3;
    case 'branch-ended':
      return -16 * (event.branch + 1) - 4;
    default:
      return event satisfies never;
  }
}
