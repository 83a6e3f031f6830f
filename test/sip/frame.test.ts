// The stream framer: RFC 3261 §18.3 and §7.5, RFC 5626 §4.4.1, and that no split of a stream changes what comes out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameFault, FrameLimits } from '../../src/sip/frame.ts';
import { StreamFramer } from '../../src/sip/frame.ts';

const limits: FrameLimits = { messageBytes: 8_192, headerBytes: 4_096, headers: 64 };

interface Cut {
  messages: string[];
  pings: number;
  fault: FrameFault | undefined;
  faultHead: string;
  allocatedBytes: number;
  partial: boolean;
}

function cut(chunks: Iterable<string>, some: Partial<FrameLimits> = {}): Cut {
  const out: Cut = { messages: [], pings: 0, fault: undefined, faultHead: '', allocatedBytes: 0, partial: false };
  const framer = new StreamFramer<Buffer>(
    { ...limits, ...some },
    {
      onMessage: (bytes, start, end) => out.messages.push(bytes.toString('latin1', start, end)),
      onPing: () => out.pings++,
      onFault: (fault, bytes, start, end) => {
        expect(out.fault).toBeUndefined();
        out.fault = fault;
        out.faultHead = bytes.toString('latin1', start, end);
      },
    },
    (bytes) => {
      out.allocatedBytes += bytes;
      return Buffer.allocUnsafeSlow(bytes);
    },
  );
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk, 'latin1');
    framer.push(bytes);
    // The bytes may be reused after the call.
    bytes.fill(0x58);
  }
  out.partial = framer.partial;
  return out;
}

/** Every way to cut this text that the tests care for: whole, byte by byte, and each single cut. */
function* everySplit(text: string): Generator<string[]> {
  yield [text];
  yield [...text];
  for (let i = 1; i < text.length; i++) yield [text.slice(0, i), text.slice(i)];
}

const options = (more: string, body = ''): string => `OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1 OPTIONS\r\n${more}\r\n${body}`;

describe('messages', () => {
  const lengths: [string, string, string][] = [
    ['plain', 'Content-Length: 4\r\n', 'body'],
    ['compact', 'l: 4\r\n', 'body'],
    ['compact, upper case', 'L:4\r\n', 'body'],
    ['any case', 'cOnTeNt-LENgth:4\r\n', 'body'],
    ['white space before the colon', 'Content-Length \t : 4 \r\n', 'body'],
    ['white space before the colon of the compact form', 'l  : 4\r\n', 'body'],
    ['folded value', 'Content-Length:\r\n \r\n\t4\r\n', 'body'],
    ['folded white space behind', 'Content-Length: 4\r\n  \r\n', 'body'],
    ['leading zeros', 'Content-Length: 0000000000000004\r\n', 'body'],
    ['twice the same', 'l: 4\r\nContent-Length: 4\r\n', 'body'],
    ['no body', 'Content-Length: 0\r\n', ''],
    ['a body that looks like a message', 'l: 30\r\n', 'INVITE sip:x SIP/2.0\r\nl: 0\r\n\r\n'],
    ['names that begin alike', 'Location: 9\r\nContent-Lengths: 9\r\nContent: 9\r\nC: 9\r\nl: 4\r\n', 'body'],
    ['a value that names it', 'Subject: x\r\n Content-Length: 9\r\nl: 4\r\n', 'body'],
  ];
  it.each(lengths)('ends where Content-Length says: %s', (_name, header, body) => {
    const text = options(header, body);
    for (const chunks of everySplit(text + text)) {
      expect(cut(chunks)).toMatchObject({ messages: [text, text], fault: undefined, partial: false });
    }
  });

  it('takes responses, other versions and trailing white space of the start line', () => {
    for (const start of [
      'SIP/2.0 200 OK',
      'SIP/7.0 200 OK',
      'INVITE sip:a SIP/2.0  ',
      'INVITE  sip:a  sip/2.0',
      'SIP/2.0 200',
    ]) {
      const text = `${start}\r\nl: 0\r\n\r\n`;
      for (const chunks of everySplit(text)) expect(cut(chunks).messages).toEqual([text]);
    }
  });

  it('tells when a message is incomplete', () => {
    const text = options('l: 4\r\n', 'body');
    for (let i = 1; i < text.length; i++)
      expect(cut([text.slice(0, i)])).toMatchObject({ messages: [], partial: true });
    expect(cut(['\r\n\r']).partial).toBe(false);
  });

  it('gives nothing more after stop, not even of the chunk at hand', () => {
    const text = options('l: 0\r\n');
    let count = 0;
    const framer: StreamFramer<Buffer> = new StreamFramer<Buffer>(
      limits,
      {
        onMessage: () => {
          count++;
          framer.stop();
        },
        onPing: () => count++,
        onFault: () => count++,
      },
      Buffer.alloc,
    );
    framer.push(Buffer.from(`${text}\r\n\r\n${text}`));
    framer.push(Buffer.from(text));
    expect(count).toBe(1);
  });
});

describe('keep-alives (RFC 5626 §4.4.1)', () => {
  const text = options('l: 0\r\n');
  it.each([
    ['a ping', '\r\n\r\n', 1],
    ['a lone CRLF', '\r\n', 0],
    ['three CRLF', '\r\n\r\n\r\n', 1],
    ['two pings', '\r\n\r\n\r\n\r\n', 2],
    ['NUL', '\0\0', 0],
    ['a CRLF cut by a NUL', '\r\n\0\r\n', 0],
    ['bare line feeds', '\n\n\n', 0],
  ])('%s before, between and behind messages', (_name, keepAlive, pings) => {
    for (const chunks of everySplit(keepAlive + text + keepAlive + text + keepAlive)) {
      expect(cut(chunks)).toMatchObject({ messages: [text, text], pings: 3 * pings, fault: undefined });
    }
  });
  it('is no ping when a message stands between the CRLFs', () => {
    expect(cut([`\r\n${text}\r\n`]).pings).toBe(0);
  });
});

describe('faults', () => {
  const cases: [string, FrameFault, string, Partial<FrameLimits>?][] = [
    ['no Content-Length', 'no-content-length', options('')],
    ['two that differ', 'bad-content-length', options('l: 1\r\nContent-Length: 2\r\n')],
    ['negative', 'bad-content-length', options('l: -1\r\n')],
    ['signed', 'bad-content-length', options('l: +1\r\n')],
    ['empty', 'bad-content-length', options('l:\r\n')],
    ['two numbers', 'bad-content-length', options('l: 1 2\r\n')],
    ['folded digits', 'bad-content-length', options('l: 1\r\n 2\r\n')],
    ['a list', 'bad-content-length', options('l: 1,1\r\n')],
    ['hexadecimal', 'bad-content-length', options('l: 0x1\r\n')],
    ['body over the limit', 'message-too-large', options('l: 9000\r\n')],
    ['a length beyond all numbers', 'message-too-large', options(`l: ${'9'.repeat(400)}\r\n`)],
    ['head over the limit', 'message-too-large', options(`x: ${'y'.repeat(5_000)}\r\n`)],
    ['start line over the limit', 'message-too-large', `INVITE sip:${'y'.repeat(5_000)}`],
    ['too many headers', 'too-many-headers', options('a: 1\r\n'.repeat(4)), { headers: 4 }],
    ['HTTP', 'not-sip', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['TLS', 'not-sip', '\x16\x03\x01\x02'],
    ['white space first', 'not-sip', ` ${options('l: 0\r\n')}`],
    ['binary', 'not-sip', '\xff\xfe'],
    ['bare LF in the head', 'not-sip', 'OPTIONS sip:a SIP/2.0\nl: 0\n\n'],
    ['bare LF in a header', 'not-sip', options('a: 1\nl: 0\r\n')],
    ['bare CR in a header', 'not-sip', options('a: 1\rl: 0\r\n')],
    ['bare CR in a name', 'not-sip', options('Content\rLength: 0\r\n')],
    ['bare LF after the head', 'not-sip', 'OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\n'],
  ];
  it.each(cases)('%s: %s', (_name, fault, text, some) => {
    const before = options('l: 4\r\n', 'body');
    const whole = cut([before + text + before], some);
    expect(whole).toMatchObject({ messages: [before], fault });
    expect(text.startsWith(whole.faultHead)).toBe(true);
    expect(whole.faultHead).not.toBe('');
    if (text.length > 1_000) return;
    for (const chunks of everySplit(before + text + before)) {
      expect(cut(chunks, some)).toMatchObject({ messages: [before], fault, faultHead: whole.faultHead });
    }
  });

  it('gives the whole head where the head is complete', () => {
    expect(cut([options('l: 9000\r\n')]).faultHead).toBe(options('l: 9000\r\n'));
    expect(cut([...options('')]).faultHead).toBe(options(''));
  });

  it('takes a message of exactly the limits', () => {
    const head = options(`x: y\r\nl: 4\r\n`);
    const exact = { headerBytes: head.length, messageBytes: head.length + 4, headers: 3 };
    expect(cut([...`${head}body`], exact).messages).toEqual([`${head}body`]);
    expect(cut([`${head}body`], { ...exact, headerBytes: head.length - 1 }).fault).toBe('message-too-large');
    expect(cut([`${head}body`], { ...exact, messageBytes: head.length + 3 }).fault).toBe('message-too-large');
    expect(cut([`${head}body`], { ...exact, headers: 2 }).fault).toBe('too-many-headers');
  });
});

describe('cost', () => {
  it('holds nothing of messages that come whole', () => {
    expect(cut([options('l: 0\r\n').repeat(50)]).allocatedBytes).toBe(0);
  });

  it('holds little of a message that only announces its length', () => {
    expect(cut([options('l: 4000\r\n')]).allocatedBytes).toBeLessThanOrEqual(512);
  });

  it('touches each byte a bounded number of times, byte by byte too', () => {
    // Counts reads of chunk bytes instead of time: a rescan of what is held would show as quadratic allocation or reads.
    const reads = (size: number): number => {
      const text = options(`l: ${size}\r\nx: ${'y'.repeat(size)}\r\n`, 'b'.repeat(size));
      let count = 0;
      const framer = new StreamFramer<Buffer>(
        { messageBytes: 1e7, headerBytes: 1e7, headers: 64 },
        { onMessage: () => {}, onPing: () => {}, onFault: () => expect.unreachable() },
        (bytes) => {
          count += bytes;
          return new Proxy(Buffer.alloc(bytes), {
            get(target, key) {
              if (typeof key === 'string' && /^\d+$/.test(key)) count++;
              const value = Reflect.get(target, key, target);
              return typeof value === 'function' ? value.bind(target) : value;
            },
          });
        },
      );
      for (const byte of Buffer.from(text)) framer.push(Buffer.of(byte));
      return count / text.length;
    };
    expect(reads(20_000)).toBeLessThan(8);
    expect(reads(80_000)).toBeLessThan(8);
  });
});

describe('any split', () => {
  const latin1 = (maxLength: number) =>
    fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));
  const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/);
  const value = fc.stringMatching(/^[ -~]{0,40}$/);
  const header = fc
    .tuple(token, fc.constantFrom(':', ' :', '\t: ', ': '), value, fc.constantFrom('', '\r\n folded', '\r\n\t'))
    .filter(([name]) => !/^(l|content-length)$/i.test(name))
    .map(([name, colon, text, fold]) => `${name}${colon}${text}${fold}\r\n`);
  const lengthName = fc.constantFrom('Content-Length:', 'l:', 'L : ', 'content-length :\r\n ', 'CONTENT-LENGTH:\t');
  const message = fc
    .tuple(
      fc.constantFrom('INVITE sip:b@c SIP/2.0', 'SIP/2.0 180 Ringing', 'ACK tel:+1 SIP/2.0'),
      fc.array(header, { maxLength: 5 }),
      lengthName,
      fc.array(header, { maxLength: 3 }),
      latin1(60),
    )
    .map(([start, before, name, after, body]) =>
      [start, '\r\n', ...before, name, String(body.length), '\r\n', ...after, '\r\n', body].join(''),
    );
  const between = fc.constantFrom('', '', '\r\n', '\r\n\r\n', '\0', '\r\n\r\n\r\n\r\n');

  it('of any messages gives the same messages and pings', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(between, message), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(400), { maxLength: 40 }),
        (parts, cuts) => {
          const stream = parts.map(([gap, text]) => gap + text).join('');
          const places = [...new Set(cuts.map((at) => (at * 7) % stream.length))].sort((a, b) => a - b);
          const chunks = [0, ...places].map((at, i) => stream.slice(at, [...places, stream.length][i]));
          const messages = parts.map(([, text]) => text);
          const whole = cut([stream]);
          expect(whole).toMatchObject({ messages, fault: undefined });
          expect(cut(chunks)).toMatchObject({ messages, pings: whole.pings, fault: undefined });
          expect(cut([...stream])).toMatchObject({ messages, pings: whole.pings, fault: undefined });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of any bytes at all gives the same messages, pings and fault', () => {
    const piece = fc.oneof(
      message,
      between,
      fc.constantFrom('\r', '\n', ' ', ':', 'l', 'Content-Length', 'SIP/2.0', '\r\n\r\n', '7', 'a: b\r\n'),
      latin1(10),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 50 }), (pieces, step) => {
        const stream = pieces.join('');
        const { allocatedBytes: _, ...whole } = cut([stream]);
        const chunks: string[] = [];
        for (let i = 0; i < stream.length; i += step) chunks.push(stream.slice(i, i + step));
        expect(cut(chunks)).toMatchObject(whole);
        expect(cut([...stream])).toMatchObject(whole);
      }),
      { numRuns: 500 },
    );
  });
});
