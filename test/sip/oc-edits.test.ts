// RFC 7339 §5.2 (the server's values in the client's Via), §5.4 (nobody else's upstream), §5.6 (not forwarded).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Edits } from '../../src/sip/edits.ts';
import { readOc } from '../../src/sip/oc.ts';
import { ocAnswerText, replaceOc, upstreamOcEdits } from '../../src/sip/oc-edits.ts';
import { Peek, peek } from '../../src/sip/peek.ts';
import { writeTopVia } from '../../src/sip/top-via.ts';
import { parseVia } from '../../src/sip/via.ts';
import { Writer } from '../../src/sip/writer.ts';

const answer = ocAnswerText({ algorithm: 'loss', value: 20, validityMs: 500, sequence: '1282321615.78128' });

function replaced(via: string, by: string): string {
  const w = new Writer(new Uint8Array(1024));
  w.text('Via: ');
  const from = w.at;
  w.text(via);
  replaceOc(w, from, by);
  const out = Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');
  expect(out.slice(0, 5)).toBe('Via: ');
  return out.slice(5);
}

describe('the text of an answer', () => {
  it('is as in RFC 7339 §6', () => {
    expect(answer).toBe(';oc=20;oc-algo="loss";oc-validity=500;oc-seq=1282321615.78128');
  });
});

describe('replaceOc', () => {
  it.each([
    ['SIP/2.0/UDP h;branch=z9', 'SIP/2.0/UDP h;branch=z9'],
    ['SIP/2.0/UDP h;oc;oc-algo="loss,rate";branch=z9', 'SIP/2.0/UDP h;branch=z9'],
    ['SIP/2.0/UDP h;branch=z9;oc;oc-algo="loss,rate"', 'SIP/2.0/UDP h;branch=z9'],
    ['SIP/2.0/UDP h;oc;branch=z9;OC-ALGO="loss";rport=5', 'SIP/2.0/UDP h;branch=z9;rport=5'],
    ['SIP/2.0/UDP h ; oc ; branch=z9', 'SIP/2.0/UDP h ; branch=z9'],
    ['SIP/2.0/UDP h;branch=z9;\r\n oc;oc-algo = "loss"', 'SIP/2.0/UDP h;branch=z9'],
    ['SIP/2.0/UDP h;oc=5;oc-validity=1;oc-seq=1.1;branch=z9', 'SIP/2.0/UDP h;branch=z9'],
    ['SIP/2.0/UDP h;x=";oc;";y;oc', 'SIP/2.0/UDP h;x=";oc;";y'],
    ['SIP/2.0/UDP h;occ;ocs=3;oc-other', 'SIP/2.0/UDP h;occ;ocs=3;oc-other'],
    // what is malformed goes too
    ['SIP/2.0/UDP h;oc=;branch=z9', 'SIP/2.0/UDP h;branch=z9'],
    ['SIP/2.0/UDP h;oc-algo="loss', 'SIP/2.0/UDP h'],
  ])('takes ours out of %j', (via, rest) => {
    expect(replaced(via, '')).toBe(rest);
    expect(replaced(via, answer)).toBe(rest + answer);
  });

  it('leaves the other parameters, byte for byte and in order', () => {
    const other = fc.constantFrom('branch=z9', ' rport', 'x="a;oc\\";b"', 'received=::1', 'o', '\r\n y = 1');
    const ours = fc.constantFrom('oc', 'oc=1', ' oc-algo="loss,rate"', 'OC-SEQ=1.1', 'oc-validity = 5');
    fc.assert(
      fc.property(fc.array(fc.oneof(other, ours)), (params) => {
        const kept = params.filter((one) => !/^\s*oc/i.test(one));
        expect(replaced(['SIP/2.0/UDP h', ...params].join(';'), '')).toBe(['SIP/2.0/UDP h', ...kept].join(';'));
      }),
    );
  });

  it('writes nothing more where the writer is full', () => {
    const w = new Writer(new Uint8Array(20));
    w.text('SIP/2.0/UDP h;oc');
    w.text('too much');
    replaceOc(w, 0, '');
    expect([w.full, w.at]).toEqual([true, 16]);
    const v = new Writer(new Uint8Array(20));
    v.text('SIP/2.0/UDP h;oc');
    replaceOc(v, 0, answer);
    expect(v.full).toBe(true);
  });

  it('does so in a refusal too, after received and rport', () => {
    const request =
      'INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;rport;oc;oc-algo="loss";branch=z9\r\nFrom: <sip:a@b>;tag=1\r\n' +
      'To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n';
    const p = new Peek();
    peek(p, Buffer.from(request), 0, request.length, false);
    const w = new Writer(new Uint8Array(1024));
    writeTopVia(w, p, { remoteAddress: '192.0.2.1', remotePort: 5062 });
    replaceOc(w, 0, answer);
    const out = Buffer.from(w.bytes.subarray(0, w.at));
    expect(out.toString()).toBe(`SIP/2.0/UDP h;rport=5062;branch=z9;received=192.0.2.1${answer}`);
    expect(readOc(out, 0, out.length)).toMatchObject({ value: 20, sequence: '1282321615.78128' });
  });
});

describe('upstreamOcEdits', () => {
  const rest = 'From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n;oc=5';

  /** The headers after the top Via has gone. */
  function upstream(vias: string, by: string): string {
    const text = `SIP/2.0 180 Ringing\r\n${vias}\r\n${rest}`;
    const bytes = Buffer.from(text, 'latin1');
    const p = new Peek();
    peek(p, bytes, 0, bytes.length, true);
    const edits = new Edits();
    upstreamOcEdits(edits, p, by);
    const w = new Writer(new Uint8Array(4096));
    edits.write(w, bytes, p.via2Start, p.end);
    const out = Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');
    expect(out.endsWith(rest)).toBe(true);
    return out.slice(0, -rest.length - 2);
  }
  const own = 'Via: SIP/2.0/UDP us;oc=10;oc-algo="loss";oc-seq=1.1';

  it.each([
    // RFC 7339 §5.4: values of a server only in the Via that is ours
    [`${own}\r\nVia: SIP/2.0/UDP a;branch=1`, `SIP/2.0/UDP a;branch=1${answer}`],
    [`${own}\r\nVia: SIP/2.0/UDP a;oc=99;branch=1;oc-algo="rate"`, `SIP/2.0/UDP a;branch=1${answer}`],
    [`${own}, SIP/2.0/UDP a;oc;branch=1`, `SIP/2.0/UDP a;branch=1${answer}`],
    [
      `${own}, SIP/2.0/UDP a;branch=1 , SIP/2.0/UDP b;oc=100;oc-algo="loss";oc-validity=9;oc-seq=1.1;branch=2`,
      `SIP/2.0/UDP a;branch=1${answer} , SIP/2.0/UDP b;oc-algo="loss";branch=2`,
    ],
    [
      `${own}\r\nv: SIP/2.0/UDP a;branch=1\r\nX: ;oc=3\r\nVIA : SIP/2.0/UDP b;branch=2;oc=100`,
      `SIP/2.0/UDP a;branch=1${answer}\r\nX: ;oc=3\r\nVIA : SIP/2.0/UDP b;branch=2`,
    ],
  ])('of %j', (vias, expected) => {
    expect(upstream(vias, answer)).toBe(expected);
    expect(upstream(vias, '')).toBe(expected.replace(answer, ''));
  });

  it('has nothing to do for a response to a request of our own', () => {
    const bytes = Buffer.from(`SIP/2.0 200 OK\r\n${own}\r\n${rest}`);
    const p = new Peek();
    peek(p, bytes, 0, bytes.length, true);
    const edits = new Edits();
    upstreamOcEdits(edits, p, answer);
    const w = new Writer(new Uint8Array(4096));
    edits.write(w, bytes, 0, bytes.length);
    expect(Buffer.from(w.bytes.subarray(0, w.at)).equals(bytes)).toBe(true);
  });
});

it('bears any bytes, and leaves nothing of ours in a Via that is well-formed', () => {
  const piece = fc.constantFrom(
    ';',
    'oc',
    'OC-seq',
    'oc-algo',
    'oc-validity',
    '=',
    '"',
    '\\',
    ',',
    ' ',
    '\r\n ',
    '1.1',
    'x',
  );
  const parameter = fc.constantFrom(
    ';oc',
    '; OC=5',
    ';oc-algo = "loss,A"',
    ';oc-seq=1.1',
    ';x="a;oc"',
    ';branch=z9',
    ' ;oc-validity',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, parameter), { maxLength: 12 }), (pieces) => {
      const via = `SIP/2.0/UDP h${pieces.join('')}`;
      const bytes = Buffer.from(via, 'latin1');
      readOc(bytes, 0, bytes.length);
      const once = replaced(via, '');
      expect(once.length).toBeLessThanOrEqual(via.length);
      if (parseVia(bytes, 0, bytes.length) === undefined) return;
      expect(replaced(once, '')).toBe(once);
      expect(readOc(Buffer.from(once), 0, once.length)).toBeUndefined();
      expect(parseVia(Buffer.from(once), 0, once.length)).toBeDefined();
    }),
    { numRuns: 2000 },
  );
});
