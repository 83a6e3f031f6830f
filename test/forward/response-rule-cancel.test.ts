// The response rule when a call is cancelled, by upstream or by Timer C: RFC 3261 §9.1, §16.8, §16.10.
import { describe, it } from 'vitest';
import { play } from './play-responses.ts';

describe('CANCEL (RFC 3261 §9.1, §16.10)', () => {
  it.each<[string, string]>([
    [
      'while it rings: 487 of the switch goes up',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       cancelled: cancel-branch 0
       cancelled:
       487: forward
       cancel-expired:
       ended: stop`,
    ],
    [
      'before any provisional response: waits for one',
      `start: set-timer-c 0
       cancelled:
       100: cancel-branch 0
       487: forward`,
    ],
    [
      'and never a response: 487 of our own',
      `start: set-timer-c 0
       cancelled:
       timeout: answer 487
       ended: stop`,
    ],
    [
      'no final response in 64*T1: 487 of our own',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       cancelled: cancel-branch 0
       cancel-expired: drop-branch 0, answer 487
       ended: stop`,
    ],
    [
      'crosses a 200: the 200 goes up',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       cancelled: cancel-branch 0
       200: forward`,
    ],
    ['crosses a 486', 'start: set-timer-c 0\n 180: set-timer-c 0, forward\n cancelled: cancel-branch 0\n 486: forward'],
    ['503 after it: no other switch, 487', 'start: set-timer-c 0\n cancelled:\n 503: answer 487'],
    ['64*T1 counts only after a CANCEL', 'start: set-timer-c 0\n 180: set-timer-c 0, forward\n cancel-expired:'],
    ['after a final response: no effect', 'start: set-timer-c 0\n 486: forward\n cancelled:'],
    ['before any switch was tried', 'cancelled: answer 487, stop'],
    [
      'cancels the switch given up too',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       1 100:
       cancelled: cancel-branch 1
       0 100: cancel-branch 0
       0 487:
       1 487: forward`,
    ],
  ])('%s', (_what, script) => {
    play(script);
  });
});

describe('Timer C (RFC 3261 §16.8)', () => {
  it.each<[string, string]>([
    [
      'with a provisional response: CANCEL, then what the switch answers',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       timer-c: cancel-branch 0
       timer-c:
       487: forward`,
    ],
    [
      'and no answer to that: 408',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       timer-c: cancel-branch 0
       cancel-expired: drop-branch 0, answer 408`,
    ],
    ['without one: 408, and no other switch', 'start: set-timer-c 0\n timer-c: drop-branch 0, answer 408'],
    [
      'a caller who cancels meanwhile gets 487',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       timer-c: cancel-branch 0
       cancelled:
       cancel-expired: drop-branch 0, answer 487`,
    ],
  ])('%s', (_what, script) => {
    play(script);
  });
});
