// RFC 7339 §4 to §6 and §9, RFC 7415 §4: the RFCs' own Vias, and what the grammar forbids.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasOc, ocOffer, readOc } from '../../src/sip/oc.ts';
import { type OcAnswer, ocAnswerText, ocOfferTexts } from '../../src/sip/oc-edits.ts';

const via = 'SIP/2.0/TLS p1.example.net;\r\n branch=z9hG4bK2d4790.1';
const read = (params: string) => readOc(Buffer.from(via + params, 'latin1'), 0, via.length + params.length);
const offer = (params: string) => ocOffer(Buffer.from(via + params, 'latin1'), 0, via.length + params.length);
const nothing = { hasOc: false, value: undefined, algorithms: [], validityMs: undefined, sequence: undefined };

describe('readOc', () => {
  it.each([
    // RFC 7339 §6
    [';oc;oc-algo="loss,A"', { hasOc: true, algorithms: ['loss', 'a'] }],
    [
      ';received=192.0.2.111;\r\n oc=0;oc-algo="loss";oc-validity=0',
      { hasOc: true, value: 0, algorithms: ['loss'], validityMs: 0 },
    ],
    [
      ';received=192.0.2.111;\r\n oc=20;oc-algo="loss";oc-validity=500;\r\n oc-seq=1282321615.782',
      { hasOc: true, value: 20, algorithms: ['loss'], validityMs: 500, sequence: '1282321615.782' },
    ],
    [
      ';oc=0;oc-algo="loss";oc-validity=0;oc-seq=1282321892.439',
      { hasOc: true, value: 0, algorithms: ['loss'], validityMs: 0, sequence: '1282321892.439' },
    ],
    // RFC 7415 §4
    [';oc;oc-algo="loss,rate"', { hasOc: true, algorithms: ['loss', 'rate'] }],
    [
      ';oc=150;oc-algo="rate";oc-validity=1000;\r\n\toc-seq=1282321615.782',
      { hasOc: true, value: 150, algorithms: ['rate'], validityMs: 1000, sequence: '1282321615.782' },
    ],
    // RFC 7339 §9: names and tokens without case, white space around = ; and , and places in the list that are empty
    [' ; OC = 7 ;Oc-Algo = "LOSS , rate" ; oC-vALIDITY', { hasOc: true, value: 7, algorithms: ['loss', 'rate'] }],
    [';oc-algo=""', { algorithms: [] }],
    [';oc-algo="loss,,rate"', { algorithms: ['loss', 'rate'] }],
    [';oc-seq=1.1', { sequence: '1.1' }],
    [';oc-seq=999999999999.99999', { sequence: '999999999999.99999' }],
    [';oc=99999999999999999999', { hasOc: true, value: 2 ** 31 - 1 }],
    [';x=";oc=3";oc=4', { hasOc: true, value: 4 }],
    [';occ=3;oc=4;ocs', { hasOc: true, value: 4 }],
    // a server that leaves what the client wrote, before or after its own: Kamailio 6
    [
      ';oc=50;oc-algo="loss";oc-validity=1000;oc-seq=17.00001;oc;oc-algo="loss,rate"',
      { hasOc: true, value: 50, algorithms: ['loss'], validityMs: 1000, sequence: '17.00001' },
    ],
    [';oc;oc-algo="loss,rate";oc=15;oc-algo="rate"', { hasOc: true, value: 15, algorithms: ['rate'] }],
    [';oc;oc-algo="loss";oc=15;oc-algo="loss"', { hasOc: true, value: 15, algorithms: ['loss'] }],
  ])('takes %j', (params, expected) => {
    expect(read(params)).toEqual({ ...nothing, ...expected });
  });

  it.each([
    '',
    ';rport;received=1.2.3.4',
    ';x=";oc=3"',
    ';occ=3',
    ';oc=',
    ';oc=-1',
    ';oc=1.5',
    ';oc="20"',
    ';oc=20%',
    ';oc=1;oc=2',
    ';oc;OC',
    ';oc=1;oc-validity=',
    ';oc=1;oc-validity=0.5',
    ';oc=1;oc-validity=500;oc-validity=500',
    ';oc=1;oc-seq',
    ';oc=1;oc-seq=5',
    ';oc=1;oc-seq=.5',
    ';oc=1;oc-seq=5.',
    ';oc=1;oc-seq="5.5"',
    ';oc=1;oc-seq=1234567890123.1',
    ';oc=1;oc-seq=1.123456',
    ';oc=1;oc-seq=1.1.1',
    ';oc=1;oc-algo',
    ';oc=1;oc-algo=loss',
    ';oc=1;oc-algo="lo ss"',
    ';oc=1;oc-algo="x-loss"',
    ';oc=1;oc-algo="loss";oc-algo="rate"',
    ';oc=1;oc-algo="loss,rate";oc-algo="loss,rate"',
    ';oc=1;oc;oc=2',
    ';oc=1;;oc-validity=0',
    ';oc=1;oc-algo="loss',
  ])('finds nothing in %j', (params) => {
    expect(read(params)).toBeUndefined();
  });

  it('reads what a server writes', () => {
    const answer = fc.record<OcAnswer>({
      algorithm: fc.constantFrom('loss', 'rate'),
      value: fc.nat(),
      validityMs: fc.nat(),
      sequence: fc.tuple(fc.nat(), fc.nat(99_999)).map(([s, t]) => `${s}.${String(t).padStart(5, '0')}`),
    });
    fc.assert(
      fc.property(answer, (one) => {
        const { algorithm, value, validityMs, sequence } = one;
        expect(read(ocAnswerText(one))).toEqual({ hasOc: true, value, algorithms: [algorithm], validityMs, sequence });
      }),
    );
  });
});

describe('ocOffer', () => {
  it('takes what a client of ours offers', () => {
    for (const one of ['none', 'loss', 'loss,rate'] as const) expect(offer(ocOfferTexts[one])).toBe(one);
  });

  it.each([
    [';oc;oc-algo="loss,A"', 'loss'],
    [';oc;oc-algo="rate,loss"', 'loss,rate'],
    [';oc;oc-algo="LOSS , Rate"', 'loss,rate'],
    // RFC 7339 §4.2: without "loss" it is no offer
    [';oc;oc-algo="rate"', 'none'],
    [';oc;oc-algo="losses"', 'none'],
    [';oc;oc-algo=""', 'none'],
    [';oc', 'none'],
    [';oc-algo="loss"', 'none'],
    // RFC 7339 §4.1, §4.3, §4.4: a server's, and in no request
    [';oc=0;oc-algo="loss"', 'none'],
    [';oc;oc-algo="loss";oc-validity=500', 'none'],
    [';oc;oc-algo="loss";oc-validity', 'none'],
    [';oc;oc-algo="loss";oc-seq=1.1', 'none'],
    [';oc;oc-algo=loss', 'none'],
    // twice
    [';oc;oc-algo="loss";oc-algo="loss"', 'none'],
    [';oc;oc-algo="loss";oc-algo="loss,rate"', 'none'],
    [';rport', 'none'],
  ])('of %j is %s', (params, expected) => {
    expect(offer(params)).toBe(expected);
  });
});

describe('hasOc', () => {
  it('never misses a parameter, whatever stands around it', () => {
    const word = fc.constantFrom('rport', 'x="a;b"', 'o', 'c=1', ' branch = z9', 'received=::1');
    fc.assert(
      fc.property(fc.array(word), fc.array(word), fc.constantFrom('oc', ' OC=1', '\r\n oc-algo="loss"'), (a, b, oc) => {
        const text = ['SIP/2.0/UDP h', ...a, oc, ...b].join(';');
        expect(hasOc(Buffer.from(text), 0, text.length)).toBe(true);
        const without = ['SIP/2.0/UDP h', ...a, ...b].join(';');
        expect(hasOc(Buffer.from(without), 0, without.length)).toBe(false);
      }),
    );
  });

  it('does not look beyond the end', () => {
    const text = 'SIP/2.0/UDP h;oc';
    expect([text.length - 1, text.length - 2].map((end) => hasOc(Buffer.from(text), 0, end))).toEqual([false, false]);
  });
});
