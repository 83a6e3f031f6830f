// One OPTIONS to a neighbour and the answer to it (RFC 3261 §11), with a Via that offers overload control or none; repeated over
// UDP by timer E (§17.1.2.2).
import { randomBytes } from 'node:crypto';
import { bracketed, type SocketAddress } from '../../config/addresses.ts';
import type { OcOffer } from '../../sip/oc.ts';
import { ocOfferTexts } from '../../sip/oc-edits.ts';
import { type Channel, openChannel } from '../channel.ts';

export interface ExchangeTiming {
  /** RFC 3261 §17.1.1.1, ms. */
  readonly t1Ms: number;
  /** How long an answer is waited for, ms. */
  readonly timeoutMs: number;
}

export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  readonly phrase: string;
  /** The via-parm that was sent, and all Via lines that came back, unfolded. */
  readonly sentVia: string;
  readonly vias: readonly string[];
}

/** `reason`: what happened instead. */
export type Outcome = Answered | { readonly kind: 'silent'; readonly reason: string };

const t2Ms = 4000;
/** Characters kept of a connection. */
const longest = 65_536;

/** Sends it and waits for the final answer. Never rejects. */
export async function exchange(to: SocketAddress, offer: OcOffer, timing: ExchangeTiming): Promise<Outcome> {
  const id = randomBytes(8).toString('hex');
  let timer: NodeJS.Timeout | undefined;
  let end: NodeJS.Timeout | undefined;
  let channel: Channel | undefined;
  try {
    return await new Promise<Outcome>((resolve) => {
      const silent = (reason: string): void => resolve({ kind: 'silent', reason });
      let sentVia = '';
      let heard = '';
      const onBytes = (bytes: Buffer): void => {
        // whole datagrams; of a connection all so far, since a broken answer may not be cut into messages
        heard = ((channel?.isReliable ? heard : '') + bytes.toString('latin1')).slice(-longest);
        const answer = finalAnswer(heard, id);
        if (answer !== undefined) resolve({ ...answer, sentVia });
      };
      openChannel(to, { onBytes, onFailure: silent }).then(
        (opened) => {
          channel = opened;
          sentVia = `SIP/2.0/${opened.transport} ${opened.sentBy};branch=z9hG4bK${id};rport${ocOfferTexts[offer]}`;
          const message = optionsText(to, opened, sentVia, id);
          end = setTimeout(() => silent(`no answer in ${timing.timeoutMs / 1000} s`), timing.timeoutMs);
          const send = (nextMs: number): void => {
            opened.send(message);
            if (!opened.isReliable) timer = setTimeout(() => send(Math.min(nextMs * 2, t2Ms)), nextMs);
          };
          send(timing.t1Ms);
        },
        (error: Error) => silent(error.message),
      );
    });
  } finally {
    clearTimeout(timer);
    clearTimeout(end);
    channel?.close();
  }
}

function optionsText(to: SocketAddress, { sentBy, isReliable }: Channel, via: string, id: string): string {
  const target = `sip:${bracketed(to.host)}:${to.port}${isReliable ? ';transport=tcp' : ''}`;
  const own = `sip:surgegate@${sentBy}${isReliable ? ';transport=tcp' : ''}`;
  return [
    `OPTIONS ${target} SIP/2.0`,
    `Via: ${via}`,
    'Max-Forwards: 70',
    `From: <${own}>;tag=${id}`,
    `To: <${target}>`,
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    `Contact: <${own}>`,
    'Accept: application/sdp',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

/** The final answer with our Call-ID in `text`. Its Via may be anything: that is what is being found out. */
function finalAnswer(text: string, id: string): Omit<Answered, 'sentVia'> | undefined {
  for (const match of text.matchAll(/^SIP\/2\.0 ([2-6]\d\d) ?([^\r\n]*)\r?\n([\s\S]*?)\r?\n\r?\n/gm)) {
    const [, status, phrase = '', head = ''] = match;
    const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
    if (!lines.some((line) => new RegExp(`^(?:call-id|i)[ \\t]*:[ \\t]*${id}[ \\t]*$`, 'i').test(line))) continue;
    const vias = lines.flatMap((line) => /^(?:via|v)[ \t]*:[ \t]*(.*?)[ \t]*$/i.exec(line)?.[1] ?? []);
    return { kind: 'answered', status: Number(status), phrase, vias };
  }
  return undefined;
}
