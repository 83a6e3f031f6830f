// The stream of a drachtio-server: cut into messages wherever its packets end, and given up where it is torn.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../../src/engine/drachtio/frames.ts';

const frame = (message: string): Buffer => Buffer.from(`${Buffer.byteLength(message)}#${message}`);

function readAll(chunks: readonly Buffer[]): { messages: string[]; fault: string } {
  const reader = new FrameReader();
  const messages: string[] = [];
  let fault = '';
  for (const chunk of chunks) {
    fault ||= reader.push(chunk, (message) => {
      messages.push(message);
      return true;
    });
  }
  return { messages, fault };
}

describe('FrameReader', () => {
  it('gives back what was framed, wherever it is cut', () => {
    const texts = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }), { maxLength: 8 });
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (messages, sizes) => {
        const bytes = Buffer.concat(messages.map(frame));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length]!;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(readAll(chunks)).toEqual({ messages, fault: '' });
      }),
    );
  });

  it.each([
    ['text where a length must be', 'ACK sip:100@127.0.0.1 SIP/2.0'],
    ['a length that is none', '12a#hello'],
    ['no length', '#hello'],
    ['a length of 0', '0#'],
    ['more digits than a message can have', '12345678#'],
  ])('tells %s, after what was whole before it', (_, torn) => {
    const { messages, fault } = readAll([frame('one'), Buffer.from(torn)]);
    expect(messages).toEqual(['one']);
    expect(fault).toContain('no length of a message');
  });

  it('delivers no more once it is told to stop', () => {
    const messages: string[] = [];
    const stop = (message: string): boolean => {
      messages.push(message);
      return messages.length < 2;
    };
    expect(new FrameReader().push(Buffer.concat([frame('a'), frame('b'), frame('c')]), stop)).toBe('');
    expect(messages).toEqual(['a', 'b']);
  });
});
