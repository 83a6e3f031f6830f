// Plays a call against the response rule, written in few words: one line an event, `event: actions`.
import { expect } from 'vitest';
import {
  newResponseContext,
  type ResponseAction,
  type ResponseContext,
  type ResponseEvent,
} from '../../src/forward/response-context.ts';
import { stepResponse } from '../../src/forward/response-rule.ts';

/** Actions in few words: `forward`, `answer 408`, `cancel-branch 0`. */
function word(action: ResponseAction): string {
  switch (action.kind) {
    case 'answer':
      return `answer ${action.status}`;
    case 'reject':
      return `reject ${action.reason}`;
    case 'cancel-branch':
    case 'drop-branch':
    case 'set-timer-c':
      return `${action.kind} ${action.branch}`;
    default:
      return action.kind;
  }
}

/**
 * An event in few words: `0 180` is a response on branch 0, `1 timeout`, `0 ended`; `start`, `none`, `cancelled`. A
 * number alone is a response on branch 0.
 */
function eventOf(text: string): ResponseEvent {
  const words = text.split(' ');
  if (text === 'start') return { kind: 'started' };
  if (text === 'none') return { kind: 'no-next' };
  if (text === 'cancelled') return { kind: 'cancelled' };
  const branch = words.length > 1 ? Number(words[0]) : 0;
  const what = words.at(-1)!;
  switch (what) {
    case 'timeout':
    case 'transport-error':
    case 'timer-c':
    case 'cancel-expired':
      return { kind: what, branch };
    case 'ended':
      return { kind: 'branch-ended', branch };
    default:
      return { kind: 'response', branch, status: Number(what) };
  }
}

/** Each line is `event: actions`. */
export function play(script: string): void {
  let context: ResponseContext = newResponseContext;
  for (const line of script.trim().split('\n')) {
    const [event, expected] = line.trim().split(/:\s*/) as [string, string];
    const step = stepResponse(context, eventOf(event));
    context = step.context;
    expect(`${event}: ${step.actions.map(word).join(', ')}`).toBe(`${event}: ${expected}`);
  }
}
