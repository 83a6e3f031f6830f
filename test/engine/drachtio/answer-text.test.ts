import { expect, it } from 'vitest';
import { readAnswer } from '../../../src/engine/drachtio/answer-text.ts';

it('a response is read but for what the server writes itself', () => {
  const text = [
    'SIP/2.0 420 Bad Extension',
    'Via: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKa',
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:b@example.com>;tag=2',
    'Call-ID: a',
    'CSeq: 1 INVITE',
    'Unsupported: a, b',
    'X-Twice: 1',
    'X-Twice: 2',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
  const bytes = Buffer.from(`....${text}....`);
  expect(readAnswer(bytes, 4, bytes.length - 4)).toEqual({
    status: 420,
    phrase: 'Bad Extension',
    fields: { Unsupported: 'a, b', 'X-Twice': '1, 2' },
  });
});
