// RFC 3261 §16.7 for a serial search, call by call.
import { describe, it } from 'vitest';
import { play } from './play-responses.ts';

describe('one switch', () => {
  it.each<[string, string]>([
    [
      'a call: 100 absorbed, 180 and 200 forwarded, and again',
      `start: set-timer-c 0
       100:
       180: set-timer-c 0, forward
       183: set-timer-c 0, forward
       200: forward
       200: forward
       ended: stop
       200:`,
    ],
    [
      'busy: forwarded; retransmissions are the transaction’s business',
      `start: set-timer-c 0
       100:
       486: forward
       486:
       ended: stop`,
    ],
    ['a challenge', 'start: set-timer-c 0\n 407: forward'],
    ['6xx', 'start: set-timer-c 0\n 180: set-timer-c 0, forward\n 603: forward'],
    ['redirection', 'start: set-timer-c 0\n 302: forward'],
    ['500 of the switch is the call’s own', 'start: set-timer-c 0\n 500: forward'],
    [
      '503 and no other switch: the edge’s own 503',
      'start: set-timer-c 0\n 503: try-next\n none: reject switch-capacity',
    ],
    [
      '503 after 180: no other switch, and 500 (RFC 3261 §16.7 step 6)',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       503: answer 500`,
    ],
    ['time-out and no other switch', 'start: set-timer-c 0\n timeout: try-next\n none: answer 408\n ended: stop'],
    [
      'time-out after 180: no other switch; cancelled',
      `start: set-timer-c 0
       180: set-timer-c 0, forward
       timeout: cancel-branch 0, answer 408
       487:
       ended: stop`,
    ],
    ['not reachable', 'start: set-timer-c 0\n transport-error: try-next\n none: reject no-switch'],
    ['no switch at all', 'none: reject no-switch, stop'],
    [
      'a late 200 after our 408 still goes up (RFC 3261 §16.7 step 5)',
      `start: set-timer-c 0
       timeout: try-next
       none: answer 408
       200: forward`,
    ],
  ])('%s', (_what, script) => play(script));
});

describe('fail-over', () => {
  it.each<[string, string]>([
    [
      '503, then another switch answers',
      `start: set-timer-c 0
       0 503: try-next
       start: set-timer-c 1
       1 180: set-timer-c 1, forward
       1 200: forward
       0 ended:
       1 ended: stop`,
    ],
    [
      'every switch refuses: the edge’s own 503',
      `start: set-timer-c 0
       0 503: try-next
       start: set-timer-c 1
       1 503: try-next
       none: reject switch-capacity`,
    ],
    [
      'refused by one, the other dead: still the edge’s own 503 (RFC 3261 §16.9)',
      `start: set-timer-c 0
       0 transport-error: try-next
       start: set-timer-c 1
       1 503: try-next
       none: reject switch-capacity`,
    ],
    [
      'refused by one, the other silent: 500',
      `start: set-timer-c 0
       0 503: try-next
       start: set-timer-c 1
       1 timeout: try-next
       none: answer 500`,
    ],
    [
      'all silent: 408',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       1 timeout: try-next
       none: answer 408`,
    ],
    [
      'busy at the second switch',
      `start: set-timer-c 0
       0 503: try-next
       start: set-timer-c 1
       1 486: forward`,
    ],
    [
      'a late 180 of a switch given up: cancelled, not forwarded; its 487 is ours',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 180: cancel-branch 0
       0 180:
       0 487:
       1 503: try-next
       none: answer 500`,
    ],
    [
      'a switch given up after its 100 is cancelled at once',
      `start: set-timer-c 0
       0 100:
       0 timeout: cancel-branch 0, try-next
       start: set-timer-c 1
       0 487:
       1 200: forward`,
    ],
    [
      'a late 200 of a switch given up goes up, the other is cancelled',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       1 180: set-timer-c 1, forward
       0 200: forward, cancel-branch 1
       1 487:
       0 ended:
       1 ended: stop`,
    ],
    [
      'the same while the other has not answered: cancelled when it does; its 200 goes up too',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 200: forward
       1 180: cancel-branch 1
       1 200: forward`,
    ],
    [
      'a late 486 of a switch given up is better than 503',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 486: keep
       1 503: try-next
       none: forward-kept`,
    ],
    [
      'the best of two: lowest class, then what tells how to ask again (RFC 3261 §16.7 step 6)',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 407: keep
       1 404: forward-kept`,
    ],
    [
      'the best of two, the other way round',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 404: keep
       1 302: forward`,
    ],
    [
      'the best of two equals: the one that needs no memory',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 486: keep
       1 480: forward`,
    ],
    ['a late 6xx with nothing else active', 'start: set-timer-c 0\n 0 timeout: try-next\n 0 603: forward'],
    [
      'a late 6xx: the other is cancelled and waited for',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       1 180: set-timer-c 1, forward
       0 603: keep, cancel-branch 1
       1 487: forward-kept`,
    ],
    [
      'a late 6xx, but the other answers: 200',
      `start: set-timer-c 0
       0 timeout: try-next
       start: set-timer-c 1
       0 603: keep
       1 180: cancel-branch 1, set-timer-c 1, forward
       1 200: forward`,
    ],
  ])('%s', (_what, script) => {
    play(script);
  });
});

describe('faults of ours are named', () => {
  it.each<[string, string]>([
    ['a branch that is none', 'start: set-timer-c 0\n 1 200: unreachable'],
    ['two active branches', 'start: set-timer-c 0\n start: unreachable'],
    ['no-next while one is active', 'start: set-timer-c 0\n none: unreachable'],
  ])('%s', (_what, script) => {
    play(script);
  });
});
