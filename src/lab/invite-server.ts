// The INVITE side of the test switch: transactions, ringing, answers and their retransmission (RFC 3261 §13.3, §17.2.1,
// RFC 3262, RFC 6026).
import { buildAnswer, transactionKey } from './answer.ts';
import { RecentKeys } from './recent-keys.ts';
import { headerTag, type ScannedMessage, uriUser } from './scan-lines.ts';
import { discardSdp } from './sdp.ts';
import type { CallTreatment, Peer, SwitchStats, SwitchTiming } from './switch-types.ts';
import type { WorkQueue } from './work-queue.ts';

const T1_MS = 500; // RFC 3261 §17.1.1.1
const T2_MS = 4000;
const TIMEOUT_MS = 64 * T1_MS;
const NO_ANSWER_MS = 180_000; // how long a call rings at most, as Timer C of RFC 3261 §16.6

export const allowLine =
  'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, INFO, REFER, NOTIFY, MESSAGE\r\n';

interface InviteTransaction {
  readonly key: string;
  readonly dialogKey: string;
  readonly cseqNumber: number;
  readonly request: ScannedMessage;
  readonly peer: Peer;
  /** The tag to add to To; '' where the request has one. */
  readonly toTag: string;
  state: 'queued' | 'proceeding' | 'accepted' | 'refused';
  lastAnswer: Buffer | undefined;
  stepTimer: NodeJS.Timeout | undefined;
  resendTimer: NodeJS.Timeout | undefined;
}

interface Dialog {
  answered: boolean;
  /** The INVITE that has no final answer yet, or whose 2xx waits for its ACK. */
  pending: InviteTransaction | undefined;
}

/** Call-ID, From tag and To tag: a dialog as its callee names it (RFC 3261 §12). */
function dialogKey(request: ScannedMessage, toTag: string): string {
  return `${request.callId}|${headerTag(request, 'from')}|${toTag}`;
}

export class InviteServer {
  readonly #timing: SwitchTiming;
  readonly #treatments: Readonly<Record<string, CallTreatment>>;
  readonly #queue: WorkQueue;
  readonly #stats: SwitchStats;
  readonly #salt: string;
  #sequence = 0;
  readonly #transactions = new Map<string, InviteTransaction>();
  readonly #dialogs = new Map<string, Dialog>();
  readonly #finished = new RecentKeys(TIMEOUT_MS, 500_000);
  readonly #endedDialogs = new RecentKeys(TIMEOUT_MS, 500_000);

  /** `treatments` by lower-case user of the Request-URI; `salt` starts every To tag. */
  constructor(
    timing: SwitchTiming,
    treatments: Readonly<Record<string, CallTreatment>>,
    queue: WorkQueue,
    stats: SwitchStats,
    salt: string,
  ) {
    this.#timing = timing;
    this.#treatments = treatments;
    this.#queue = queue;
    this.#stats = stats;
    this.#salt = salt;
  }

  get openTransactions(): number {
    return this.#transactions.size;
  }

  get openDialogs(): number {
    return this.#dialogs.size;
  }

  onInvite(request: ScannedMessage, peer: Peer, nowMs: number): void {
    const key = transactionKey(request);
    const known = this.#transactions.get(key);
    if (known !== undefined || this.#finished.has(key)) {
      this.#stats.inviteRetransmissions++;
      this.#queue.arrive(nowMs, 'retransmission');
      // RFC 3261 §17.2.1: proceeding and completed answer a retransmission again. RFC 6026 §7.1: accepted absorbs it.
      if (known?.lastAnswer !== undefined && known.state !== 'accepted') peer.send(known.lastAnswer);
      return;
    }
    const tag = headerTag(request, 'to');
    if (tag !== '') {
      const transaction = this.#open(key, dialogKey(request, tag), request, peer, '');
      const dialog = this.#dialogs.get(transaction.dialogKey);
      if (!dialog?.answered) return this.#refuse(transaction, 481);
      dialog.pending = transaction;
      return this.#accept(transaction);
    }
    this.#stats.invites++;
    const work = this.#queue.arrive(nowMs, 'invite');
    if (work.outcome === 'lost') {
      this.#stats.lost++;
      return;
    }
    const newTag = `${this.#salt}${(++this.#sequence).toString(36)}`;
    const transaction = this.#open(key, dialogKey(request, newTag), request, peer, newTag);
    this.#dialogs.set(transaction.dialogKey, { answered: false, pending: transaction });
    if (work.outcome === 'refused') this.#stats.overloaded++;
    this.#after(work.atMs - nowMs, transaction, work.outcome === 'refused' ? this.#overload : this.#treat);
  }

  /** ACK of a refusal by its branch (RFC 3261 §17.2.3), of a 2xx by its dialog (§13.3.1.4). */
  onAck(request: ScannedMessage): void {
    const refused = this.#transactions.get(transactionKey(request));
    if (refused?.state === 'refused') return this.#forget(refused);
    const pending = this.#dialogs.get(dialogKey(request, headerTag(request, 'to')))?.pending;
    if (pending?.state !== 'accepted' || pending.cseqNumber !== Number.parseInt(request.cseq, 10)) return;
    if (pending.toTag !== '') this.#stats.confirmed++;
    this.#forget(pending);
  }

  /** The To tag of the INVITE that this CANCEL names, or undefined without one (RFC 3261 §9.2). */
  onCancel(request: ScannedMessage): string | undefined {
    const transaction = this.#transactions.get(transactionKey(request));
    if (transaction === undefined) return undefined;
    if (transaction.state === 'queued' || transaction.state === 'proceeding') {
      this.#stats.cancelled++;
      this.#refuse(transaction, 487);
    }
    return transaction.toTag;
  }

  /** Ends the dialog; whether there is one, or was one so lately that this is a retransmission. */
  onBye(request: ScannedMessage, nowMs: number): boolean {
    const key = dialogKey(request, headerTag(request, 'to'));
    const dialog = this.#dialogs.get(key);
    if (dialog === undefined) return this.#endedDialogs.has(key);
    // RFC 3261 §15.1.2: an INVITE of the dialog that is still open gets 487.
    if (dialog.pending?.state === 'accepted') this.#forget(dialog.pending);
    else if (dialog.pending !== undefined) this.#refuse(dialog.pending, 487);
    this.#dialogs.delete(key);
    this.#endedDialogs.add(key, nowMs);
    this.#stats.ended++;
    return true;
  }

  hasDialog(request: ScannedMessage): boolean {
    return this.#dialogs.has(dialogKey(request, headerTag(request, 'to')));
  }

  /** Stops the retransmission of a reliable 180 (RFC 3262 §3); false without such a dialog. */
  onPrack(request: ScannedMessage): boolean {
    const dialog = this.#dialogs.get(dialogKey(request, headerTag(request, 'to')));
    if (dialog?.pending?.state === 'proceeding') clearTimeout(dialog.pending.resendTimer);
    return dialog !== undefined;
  }

  close(): void {
    for (const transaction of this.#transactions.values()) {
      clearTimeout(transaction.stepTimer);
      clearTimeout(transaction.resendTimer);
    }
    this.#transactions.clear();
    this.#dialogs.clear();
  }

  #open(key: string, dialog: string, request: ScannedMessage, peer: Peer, toTag: string): InviteTransaction {
    const transaction: InviteTransaction = {
      key,
      dialogKey: dialog,
      cseqNumber: Number.parseInt(request.cseq, 10),
      request,
      peer,
      toTag,
      state: 'queued',
      lastAnswer: undefined,
      stepTimer: undefined,
      resendTimer: undefined,
    };
    this.#transactions.set(key, transaction);
    return transaction;
  }

  #after(waitMs: number, transaction: InviteTransaction, step: (transaction: InviteTransaction) => void): void {
    if (waitMs < 1) step(transaction);
    else transaction.stepTimer = setTimeout(step, waitMs, transaction);
  }

  readonly #overload = (transaction: InviteTransaction): void => this.#refuse(transaction, 503);

  readonly #treat = (transaction: InviteTransaction): void => {
    const treatment = this.#treatments[uriUser(transaction.request.uri)] ?? 'answer';
    transaction.state = 'proceeding';
    if (treatment === 'busy') return this.#refuse(transaction, 486);
    if (treatment === 'reject503') return this.#refuse(transaction, 503);
    // RFC 3261 §17.2.1: 100 is due when no other answer follows within 200 ms.
    if (this.#timing.ringMs >= 200) this.#answer(transaction, 100);
    this.#after(this.#timing.ringMs, transaction, (t) => {
      this.#ring(t);
      if (treatment === 'noanswer') return this.#after(NO_ANSWER_MS, t, (late) => this.#refuse(late, 480));
      this.#after(treatment === 'slow' ? this.#timing.slowMs : this.#timing.answerMs, t, this.#accept);
    });
  };

  #ring(transaction: InviteTransaction): void {
    // RFC 3262 §3: a reliable 180 where the caller requires it, sent again until its PRACK.
    const reliable = /\b100rel\b/i.test(transaction.request.require);
    this.#answer(
      transaction,
      180,
      `Contact: <sip:${transaction.peer.contactHost}>\r\n${reliable ? 'Require: 100rel\r\nRSeq: 1\r\n' : ''}`,
    );
    if (reliable) this.#resend(transaction, T1_MS, TIMEOUT_MS);
  }

  readonly #accept = (transaction: InviteTransaction): void => {
    const dialog = this.#dialogs.get(transaction.dialogKey);
    if (dialog === undefined) return;
    transaction.state = 'accepted';
    if (transaction.toTag !== '') this.#stats.answered++;
    dialog.answered = true;
    const { contactHost, localAddress } = transaction.peer;
    const extra = `Contact: <sip:${contactHost}>\r\n${allowLine}`;
    this.#answer(transaction, 200, extra, discardSdp(localAddress, this.#sequence));
    // RFC 3261 §13.3.1.4: the 2xx is sent again until its ACK, over every transport.
    this.#resend(transaction, T1_MS, TIMEOUT_MS);
  };

  #refuse(transaction: InviteTransaction, status: number): void {
    clearTimeout(transaction.stepTimer);
    clearTimeout(transaction.resendTimer);
    transaction.state = 'refused';
    if (transaction.toTag !== '') this.#dialogs.delete(transaction.dialogKey);
    if (status !== 487) this.#stats.refused++;
    this.#answer(transaction, status);
    // RFC 3261 §17.2.1: timer G only over unreliable transports; timer H ends the wait for the ACK.
    if (!transaction.peer.reliable) this.#resend(transaction, T1_MS, TIMEOUT_MS);
    else transaction.resendTimer = setTimeout(this.#forget, TIMEOUT_MS, transaction);
  }

  #answer(transaction: InviteTransaction, status: number, extra = '', sdp?: string): void {
    const { request, peer } = transaction;
    const bytes = buildAnswer(request, peer, {
      status,
      toTag: status === 100 ? '' : transaction.toTag,
      recordRoute: status > 100 && status < 300,
      extra,
      ...(sdp === undefined ? {} : { sdp }),
    });
    if (bytes === undefined) return;
    transaction.lastAnswer = bytes;
    peer.send(bytes);
  }

  #resend(transaction: InviteTransaction, afterMs: number, leftMs: number): void {
    clearTimeout(transaction.resendTimer);
    transaction.resendTimer = setTimeout(() => {
      if (leftMs - afterMs <= 0) return this.#resendOver(transaction);
      if (transaction.lastAnswer !== undefined) transaction.peer.send(transaction.lastAnswer);
      this.#resend(transaction, Math.min(2 * afterMs, T2_MS), leftMs - afterMs);
    }, afterMs);
  }

  #resendOver(transaction: InviteTransaction): void {
    if (transaction.state === 'proceeding') return; // the PRACK never came: the call goes on ringing
    if (transaction.state === 'accepted') {
      // Differs from RFC 3261 §13.3.1.4: no BYE is sent, the call is just forgotten; this is a test peer.
      this.#stats.ackTimeouts++;
      this.#dialogs.delete(transaction.dialogKey);
    }
    this.#forget(transaction);
  }

  readonly #forget = (transaction: InviteTransaction): void => {
    clearTimeout(transaction.stepTimer);
    clearTimeout(transaction.resendTimer);
    this.#transactions.delete(transaction.key);
    this.#finished.add(transaction.key, performance.now());
    const dialog = this.#dialogs.get(transaction.dialogKey);
    if (dialog?.pending === transaction) dialog.pending = undefined;
  };
}
