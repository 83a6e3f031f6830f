// What goes upstream of all that the switches answer, and when the next switch is tried: RFC 3261 §16.7 to §16.10 for a
// serial search. The words are those of response-context.ts.
import type { Branch, ResponseAction, ResponseContext, ResponseEvent, ResponseStep } from './response-context.ts';

const newBranch: Branch = { outcome: 'open', provisional: false, cancel: 'none', ended: false };
const nothing: readonly ResponseAction[] = [];
const forward: ResponseAction = { kind: 'forward' };

/** One event. An empty list of actions means: wait. */
export function stepResponse(context: ResponseContext, event: ResponseEvent): ResponseStep {
  if (context.phase === 'stopped') return { context, actions: nothing };
  if (event.kind === 'started') return started(context);
  if (event.kind === 'no-next') {
    return context.phase === 'searching' && !hasOpen(context.branches)
      ? finish(context, context.branches, nothing)
      : unreachable(context, event);
  }
  if (event.kind === 'cancelled') return cancelled(context);
  const branch = context.branches[event.branch];
  if (branch === undefined) return unreachable(context, event);
  switch (event.kind) {
    case 'response':
      if (event.status < 200) return provisional(context, event.branch, branch, event.status);
      return event.status < 300
        ? success(context, event.branch, branch)
        : refusal(context, event.branch, branch, event.status);
    case 'timeout':
      return failed(context, event.branch, branch, 'timed-out');
    case 'transport-error':
      return failed(context, event.branch, branch, 'unreachable');
    case 'timer-c':
      return timerC(context, event.branch, branch);
    case 'cancel-expired':
      return cancelExpired(context, event.branch, branch);
    case 'branch-ended':
      return branchEnded(context, event.branch, branch);
    default:
      return event satisfies never;
  }
}

type Live = Exclude<ResponseContext, { phase: 'stopped' }>;

function started(context: Live): ResponseStep {
  if (context.phase !== 'searching' || context.ringing || hasOpen(context.branches)) {
    return { context, actions: [{ kind: 'unreachable', phase: context.phase, event: 'started' }] };
  }
  // RFC 3261 §16.6 step 11: Timer C for each branch.
  const actions: ResponseAction[] = [{ kind: 'set-timer-c', branch: context.branches.length }];
  return { context: { ...context, branches: [...context.branches, newBranch] }, actions };
}

function provisional(context: Live, index: number, branch: Branch, status: number): ResponseStep {
  const actions: ResponseAction[] = [];
  let heard: Branch = branch.provisional ? branch : { ...branch, provisional: true };
  // RFC 3261 §9.1: a CANCEL that waited, also that of a branch given up before it answered.
  if (heard.cancel === 'wanted') heard = wantCancel(heard, index, actions);
  const branches = heard === branch ? context.branches : replace(context.branches, index, heard);
  // RFC 3261 §16.7 step 5: any but 100 is forwarded at once until a final response has been; but not that of a branch
  // given up, because the caller would take it for the one that rings.
  if (status === 100 || branch.outcome !== 'open' || context.phase === 'answered') {
    return { context: { ...context, branches }, actions };
  }
  // RFC 3261 §16.7 step 2: 101 to 199 reset Timer C.
  actions.push({ kind: 'set-timer-c', branch: index }, forward);
  return context.phase === 'searching'
    ? { context: { ...context, ringing: true, branches }, actions }
    : { context: { ...context, branches }, actions };
}

function success(context: Live, index: number, branch: Branch): ResponseStep {
  // RFC 3261 §16.7 step 5: a 2xx to INVITE is always forwarded at once, from whichever branch, after whatever.
  const branches =
    branch.outcome === 'answered'
      ? context.branches
      : replace(context.branches, index, { ...branch, outcome: 'answered' });
  return context.phase === 'answered'
    ? { context: { ...context, branches }, actions: [forward] }
    : answered(branches, [forward]);
}

function refusal(context: Live, index: number, branch: Branch, status: number): ResponseStep {
  if (branch.outcome === 'answered' || branch.outcome === 'refused') return { context, actions: nothing };
  const wasActive = branch.outcome === 'open';
  // The 487 that our own CANCEL brought about says nothing of the call: upstream has not cancelled this one.
  if (status === 487 && !wasActive && branch.cancel === 'sent') {
    return {
      context: { ...context, branches: replace(context.branches, index, { ...branch, cancel: 'done' }) },
      actions: nothing,
    };
  }
  const branches = replace(context.branches, index, { ...branch, outcome: status === 503 ? 'refused' : 'answered' });
  if (context.phase === 'answered') return { context: { ...context, branches }, actions: nothing };
  if (status === 503) {
    const next = { ...context, branches };
    return wasActive ? searchOn(next, nothing) : { context: next, actions: nothing };
  }
  const better = rank(status) <= rank(context.best);
  if (wasActive || (status >= 600 && !hasOpen(branches)))
    return answered(branches, [better ? forward : { kind: 'forward-kept' }]);
  // A branch given up answers while another is tried: a candidate for the end of the search.
  const best = better ? status : context.best;
  const actions: ResponseAction[] = better ? [{ kind: 'keep' }] : [];
  if (status < 600 || context.phase === 'closing') return { context: { ...context, best, branches }, actions };
  // RFC 3261 §16.7 step 5: a 6xx cancels what is pending and starts no new branch; it waits, since a 2xx may yet come.
  const pending = cancelUnfinished(branches, actions);
  return { context: { phase: 'closing', cancelled: false, best, branches: pending }, actions };
}

/** No response, or no way to ask: RFC 3261 §16.8 (as 408), §16.9 (as 503); RFC 3263 §4.3 names both as reasons to fail over. */
function failed(context: Live, index: number, branch: Branch, outcome: 'timed-out' | 'unreachable'): ResponseStep {
  if (branch.outcome !== 'open') return { context, actions: nothing };
  const actions: ResponseAction[] = [];
  const branches = replace(context.branches, index, wantCancel({ ...branch, outcome }, index, actions));
  if (context.phase === 'answered') return { context: { ...context, branches }, actions };
  return searchOn({ ...context, branches }, actions);
}

function timerC(context: Live, index: number, branch: Branch): ResponseStep {
  if (branch.outcome !== 'open') return { context, actions: nothing };
  // RFC 3261 §16.8: with a provisional response CANCEL, and then what the branch answers to it.
  if (branch.provisional) {
    const actions: ResponseAction[] = [];
    const branches = replace(context.branches, index, wantCancel(branch, index, actions));
    if (context.phase !== 'searching') return { context: { ...context, branches }, actions };
    return { context: { phase: 'closing', cancelled: false, best: context.best, branches }, actions };
  }
  // Without one as if a 408 had come: no fail-over after three minutes.
  return giveUp(context, index, branch);
}

function cancelExpired(context: Live, index: number, branch: Branch): ResponseStep {
  if (branch.cancel !== 'sent' || !isPending(branch)) return { context, actions: nothing };
  // RFC 3261 §9.1: no final response in 64*T1 after the CANCEL: the INVITE counts as cancelled.
  return giveUp(context, index, branch);
}

function giveUp(context: Live, index: number, branch: Branch): ResponseStep {
  const actions: ResponseAction[] = [{ kind: 'drop-branch', branch: index }];
  if (branch.outcome !== 'open') return { context, actions };
  const branches = replace(context.branches, index, { ...branch, outcome: 'timed-out' });
  if (context.phase === 'answered') return { context: { ...context, branches }, actions };
  const cancelledBefore = context.phase === 'closing' && context.cancelled;
  return finish({ phase: 'closing', cancelled: cancelledBefore, best: context.best, branches }, branches, actions);
}

function cancelled(context: Live): ResponseStep {
  // RFC 3261 §9.2: no effect once a final response has been sent.
  if (context.phase === 'answered') return { context, actions: nothing };
  const actions: ResponseAction[] = [];
  // RFC 3261 §16.10: every pending client transaction is cancelled, as soon as it has a provisional response.
  const branches = cancelUnfinished(context.branches, actions);
  const closing: Live = { phase: 'closing', cancelled: true, best: context.best, branches };
  return hasOpen(branches) ? { context: closing, actions } : finish(closing, branches, actions);
}

function branchEnded(context: Live, index: number, branch: Branch): ResponseStep {
  const branches = replace(context.branches, index, { ...branch, ended: true });
  if (context.phase === 'answered') return stopIfDone({ phase: 'answered', branches }, []);
  // A client transaction tells its outcome before it ends; where it did not, upstream still gets its answer.
  if (branch.outcome === 'open') {
    return searchOn(
      { ...context, branches: replace(branches, index, { ...branch, ended: true, outcome: 'timed-out' }) },
      nothing,
    );
  }
  return { context: { ...context, branches }, actions: nothing };
}

/** The active branch failed in a way that allows another: RFC 3263 §4.3. */
function searchOn(context: Exclude<Live, { phase: 'answered' }>, before: readonly ResponseAction[]): ResponseStep {
  // RFC 3261 would allow another switch after a 18x too. We do not: the caller has heard it ring, and a second early dialog
  // would ring another phone, or the same one again.
  if (context.phase === 'searching' && !context.ringing) return { context, actions: [...before, { kind: 'try-next' }] };
  return finish(context, context.branches, before);
}

/** RFC 3261 §16.7 step 6: the search is over: the best response, or else one of the edge's own. */
function finish(
  context: Exclude<Live, { phase: 'answered' }>,
  branches: readonly Branch[],
  before: readonly ResponseAction[],
): ResponseStep {
  return answered(branches, [...before, finalAction(context, branches)]);
}

function finalAction(context: Exclude<Live, { phase: 'answered' }>, branches: readonly Branch[]): ResponseAction {
  if (context.best !== 0) return { kind: 'forward-kept' };
  if (context.phase === 'closing' && context.cancelled) return { kind: 'answer', status: 487 };
  const last = branches.at(-1);
  if (last === undefined) return { kind: 'reject', reason: 'no-switch' };
  // RFC 3261 §16.7 step 6, §16.8: no final response at all, or Timer C: 408.
  const committed = context.phase === 'closing' || context.ringing;
  const allTimedOut = branches.every((branch) => branch.outcome === 'timed-out');
  if (allTimedOut || (committed && last.outcome === 'timed-out')) return { kind: 'answer', status: 408 };
  // RFC 3261 §16.7 step 6: a 503 goes up only when the next request would get one too, else 500. So: when none of the
  // switches tried can take a call. A transport error counts as 503 (§16.9); a 503 after ringing is that one call's failure.
  const noneCan = branches.every((branch) => branch.outcome === 'refused' || branch.outcome === 'unreachable');
  if (committed || !noneCan) return { kind: 'answer', status: 500 };
  const someRefused = branches.some((branch) => branch.outcome === 'refused');
  return { kind: 'reject', reason: someRefused ? 'switch-capacity' : 'no-switch' };
}

/** A final response goes up: RFC 3261 §16.7 step 10: cancel whatever is pending. */
function answered(branches: readonly Branch[], actions: readonly ResponseAction[]): ResponseStep {
  const all = [...actions];
  return stopIfDone({ phase: 'answered', branches: cancelUnfinished(branches, all) }, all);
}

function stopIfDone(context: Extract<Live, { phase: 'answered' }>, actions: ResponseAction[]): ResponseStep {
  if (!context.branches.every((branch) => branch.ended)) return { context, actions };
  actions.push({ kind: 'stop' });
  return { context: { phase: 'stopped' }, actions };
}

/** Lower is better: 6xx, then the lowest class; of the 4xx those that tell how to ask again (RFC 3261 §16.7 step 6). */
function rank(status: number): number {
  if (status === 0) return Number.POSITIVE_INFINITY;
  if (status >= 600) return 0;
  const repairable = status === 401 || status === 407 || status === 415 || status === 420 || status === 484;
  return Math.floor(status / 100) * 2 + (repairable ? 0 : 1);
}

/** Whether the switch may still be working on the call. */
function isPending(branch: Branch): boolean {
  return !branch.ended && branch.cancel !== 'done' && (branch.outcome === 'open' || branch.outcome === 'timed-out');
}

/** RFC 3261 §9.1: CANCEL now if there was a provisional response, or else when there is one. */
function wantCancel(branch: Branch, index: number, actions: ResponseAction[]): Branch {
  if (branch.cancel === 'sent' || !isPending(branch)) return branch;
  if (!branch.provisional) return branch.cancel === 'wanted' ? branch : { ...branch, cancel: 'wanted' };
  actions.push({ kind: 'cancel-branch', branch: index });
  return { ...branch, cancel: 'sent' };
}

function cancelUnfinished(branches: readonly Branch[], actions: ResponseAction[]): readonly Branch[] {
  return branches.map((branch, index) => wantCancel(branch, index, actions));
}

function hasOpen(branches: readonly Branch[]): boolean {
  return branches.some((branch) => branch.outcome === 'open');
}

function replace(branches: readonly Branch[], index: number, branch: Branch): readonly Branch[] {
  const copy = branches.slice();
  copy[index] = branch;
  return copy;
}

function unreachable(context: ResponseContext, event: ResponseEvent): ResponseStep {
  return { context, actions: [{ kind: 'unreachable', phase: context.phase, event: event.kind }] };
}
