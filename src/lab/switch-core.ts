// The test switch as a UAS: which request gets which answer. Only INVITE has transaction memory; every other answer is
// the same function of the request each time it arrives (RFC 3261 §8.2).
import { buildAnswer } from './answer.ts';
import { allowLine, InviteServer } from './invite-server.ts';
import type { Registrar } from './registrar.ts';
import { headerTag, type ScannedMessage } from './scan-lines.ts';
import type { CallTreatment, Peer, SwitchStats, SwitchTiming } from './switch-types.ts';
import type { WorkQueue } from './work-queue.ts';

export class SwitchCore {
  readonly invites: InviteServer;
  readonly #registrar: Registrar;
  readonly #stats: SwitchStats;
  readonly #salt = Math.random().toString(36).slice(2, 8);

  constructor(
    timing: SwitchTiming,
    treatments: Readonly<Record<string, CallTreatment>>,
    queue: WorkQueue,
    registrar: Registrar,
    stats: SwitchStats,
  ) {
    this.invites = new InviteServer(timing, treatments, queue, stats, this.#salt);
    this.#registrar = registrar;
    this.#stats = stats;
  }

  /** Takes one request; the switch keeps `request.bytes`, so they must not change afterwards. Never throws. */
  onRequest(request: ScannedMessage, peer: Peer, nowMs: number): void {
    switch (request.method) {
      case 'INVITE':
        return this.invites.onInvite(request, peer, nowMs);
      case 'ACK':
        return this.invites.onAck(request);
      case 'CANCEL': {
        const tag = this.invites.onCancel(request);
        return this.#send(request, peer, tag === undefined ? 481 : 200, '', tag);
      }
      case 'BYE':
        return this.#send(request, peer, this.invites.onBye(request, nowMs) ? 200 : 481);
      default:
        this.#stats.otherRequests++;
        return this.#onOther(request, peer, nowMs);
    }
  }

  #onOther(request: ScannedMessage, peer: Peer, nowMs: number): void {
    const contact = `Contact: <sip:${peer.contactHost}>\r\n`;
    switch (request.method) {
      case 'REGISTER':
        return this.#send(request, peer, 200, this.#registrar.register(request, nowMs));
      case 'PRACK':
        return this.#send(request, peer, this.invites.onPrack(request) ? 200 : 481);
      case 'UPDATE':
      case 'INFO':
        return this.#send(request, peer, this.invites.hasDialog(request) ? 200 : 481, contact);
      case 'REFER':
        return this.#send(request, peer, 202, contact);
      case 'OPTIONS':
        return this.#send(request, peer, 200, `${allowLine}Accept: application/sdp\r\n`);
      case 'MESSAGE':
      case 'NOTIFY':
        return this.#send(request, peer, 200);
      case 'SUBSCRIBE':
      case 'PUBLISH':
        return this.#send(request, peer, 200, `Expires: 60\r\n${contact}`);
      default:
        return this.#send(request, peer, 501, allowLine);
    }
  }

  #send(request: ScannedMessage, peer: Peer, status: number, extra = '', tag?: string): void {
    const toTag = headerTag(request, 'to') !== '' ? '' : tag || this.#statelessTag(request);
    const bytes = buildAnswer(request, peer, { status, toTag, extra });
    if (bytes !== undefined) peer.send(bytes);
  }

  /** The same tag each time the same request arrives (RFC 3261 §8.2.7). */
  #statelessTag(request: ScannedMessage): string {
    let hash = 0x811c9dc5;
    const seed = request.callId + request.cseq;
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
    return this.#salt + (hash >>> 0).toString(36);
  }
}
