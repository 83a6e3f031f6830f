// A message as text, peeked as the edge does; and its parts read back as text.
import { Peek, peek } from '../../src/sip/peek.ts';

/** Header lines with their line ends, and the empty line. */
export function message(...lines: string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Peeks a Latin-1 text that stands in the middle of a larger buffer, as in a batch of datagrams. */
export function peekText(text: string, stream = false): Peek {
  const bytes = Buffer.from(`>>>${text}<<<\r\nVia: x\r\n`, 'latin1');
  const p = new Peek();
  peek(p, bytes, 3, 3 + text.length, stream);
  return p;
}

/** An INVITE whose Via lines and further lines are given. */
export function invite(vias: readonly string[], ...further: string[]): string {
  return message(
    'INVITE sip:bob@example.com SIP/2.0',
    ...vias,
    'Max-Forwards: 70',
    'From: <sip:alice@example.com>;tag=a1',
    'To: <sip:bob@example.com>',
    'Call-ID: c1@192.0.2.1',
    'CSeq: 7 INVITE',
    ...further,
  );
}
