// The answered calls of the caller generator: ACK, hold, BYE (RFC 3261 §12.2.1, §13.2.2.4, §15), with the route set that
// Record-Route gives. A slow path: only answered calls come here.
import type { BurstSocket } from './burst-socket.ts';

export interface CallerDialog {
  readonly index: number;
  readonly priority: boolean;
  readonly socket: BurstSocket;
  readonly sourceAddress: number;
  readonly ack: string;
  readonly bye: string;
  dueAtMs: number;
  byeTries: number;
}

const T1_MS = 500;
const T2_MS = 4000;
const MAX_BYE_TRIES = 11; // timer F: 64*T1 at T1, 2*T1, 4*T1, then T2 (RFC 3261 §17.1.2.2)

/** The texts of ACK and BYE for a 2xx; `shared` is From, Call-ID and Max-Forwards, `via` a Via with `KIND` in its branch. */
export function dialogTexts(answer: string, shared: string, via: string): { ack: string; bye: string } | undefined {
  const to = /^(?:to|t)[ \t]*:.*$/im.exec(answer)?.[0];
  const contact = /^(?:contact|m)[ \t]*:\s*(.*)$/im.exec(answer)?.[1] ?? '';
  const target = /<([^>]*)>/.exec(contact)?.[1] ?? contact.split(';', 1)[0] ?? '';
  if (to === undefined || target === '') return undefined;
  // RFC 3261 §12.1.2: the route set is Record-Route in reverse order.
  const routes = [...answer.matchAll(/^record-route[ \t]*:(.*)$/gim)].flatMap(
    (line) => line[1]?.match(/<[^>]*>[^,]*/g) ?? [],
  );
  const routeLine =
    routes.length === 0
      ? ''
      : `Route: ${routes
          .reverse()
          .map((r) => r.trim())
          .join(', ')}\r\n`;
  const tail = `${shared}${to}\r\n${routeLine}Content-Length: 0\r\n`;
  return {
    ack: `ACK ${target} SIP/2.0\r\n${via.replace('KIND', 'a')}${tail}CSeq: 1 ACK\r\n\r\n`,
    bye: `BYE ${target} SIP/2.0\r\n${via.replace('KIND', 'b')}${tail}CSeq: 2 BYE\r\n\r\n`,
  };
}

export class CallerDialogs {
  readonly #holding = new Map<number, CallerDialog>();
  readonly #ending = new Map<number, CallerDialog>();
  readonly #onByeLost: (dialog: CallerDialog) => void;

  constructor(onByeLost: (dialog: CallerDialog) => void) {
    this.#onByeLost = onByeLost;
  }

  get open(): number {
    return this.#holding.size + this.#ending.size;
  }

  /** A 2xx came: acknowledges it, and again each time it comes again. */
  begin(dialog: CallerDialog): void {
    this.#holding.set(dialog.index, dialog);
    sendText(dialog, dialog.ack);
  }

  again(index: number): void {
    const dialog = this.#holding.get(index) ?? this.#ending.get(index);
    if (dialog !== undefined) sendText(dialog, dialog.ack);
  }

  /** BYE was answered; the dialog it was of, once. */
  end(index: number): CallerDialog | undefined {
    const dialog = this.#ending.get(index);
    this.#ending.delete(index);
    return dialog;
  }

  /** Sends the BYEs that are due. Dialogs are in the order in which they were begun, and all held equally long. */
  run(nowMs: number): void {
    for (const dialog of this.#holding.values()) {
      if (dialog.dueAtMs > nowMs) break;
      this.#holding.delete(dialog.index);
      this.#ending.set(dialog.index, dialog);
      sendText(dialog, dialog.bye);
      dialog.byeTries = 1;
      dialog.dueAtMs = nowMs + T1_MS;
    }
  }

  /** Sends unanswered BYEs again; to be called some ten times a second. */
  resend(nowMs: number): void {
    for (const dialog of this.#ending.values()) {
      if (dialog.dueAtMs > nowMs) continue;
      if (dialog.byeTries >= MAX_BYE_TRIES) {
        this.#ending.delete(dialog.index);
        this.#onByeLost(dialog);
        continue;
      }
      sendText(dialog, dialog.bye);
      dialog.dueAtMs = nowMs + Math.min(T2_MS, T1_MS * 2 ** dialog.byeTries);
      dialog.byeTries++;
    }
  }
}

function sendText(dialog: CallerDialog, text: string): void {
  const { socket } = dialog;
  socket.push(socket.out.write(text, socket.nextAt, 2000, 'latin1'), dialog.sourceAddress);
}
