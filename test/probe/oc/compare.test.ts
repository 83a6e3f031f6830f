// What came back of the Via, as a table.
import { describe, expect, it } from 'vitest';
import { compare, compareVias } from '../../../src/probe/oc/compare.ts';
import type { Answered } from '../../../src/probe/oc/exchange.ts';
import type { OcOffer } from '../../../src/sip/oc.ts';
import { ocOfferTexts } from '../../../src/sip/oc-edits.ts';

const bare = 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport';
const answered = (vias: readonly string[], offer: OcOffer = 'loss,rate', status = 200): Answered => {
  return { kind: 'answered', status, phrase: 'OK', sentVia: bare + ocOfferTexts[offer], vias };
};
const offered = `${bare}${ocOfferTexts['loss,rate']}`;

describe('compareVias', () => {
  it.each([
    [offered, ''],
    // RFC 3581 §4, RFC 3261 §18.2.1, and white space
    ['SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport=5060;oc;oc-algo="loss,rate";received=192.0.2.1', ''],
    ['SIP/2.0/UDP  192.0.2.1:5060 ; branch = z9hG4bK1 ;rport=5060;oc;oc-algo = "loss,rate"', ''],
    [
      `${bare};oc=0;oc-algo="loss";oc-validity=0;oc-seq=1.1`,
      'takes part: oc=0;oc-algo="loss";oc-validity=0;oc-seq=1.1',
    ],
    // Kamailio 6 leaves the offer beside its answer
    [`${bare};oc=20;oc-algo="loss";oc;oc-algo="loss,rate"`, 'takes part: oc=20;oc-algo="loss";oc;oc-algo="loss,rate"'],
    [bare, 'leaves the offer out of its answer'],
  ])('%s is as good as what was sent', (via, said) => {
    expect(compareVias(answered([via]))).toEqual({ survives: true, said });
  });

  it.each([
    [`${bare};oc;oc-algo="loss`, /broken/],
    [`${bare};oc;oc-algo=loss,rate`, /broken/],
    [`${bare};oc;oc-algo=loss`, /offer came back broken/],
    [`${bare};oc;oc-algo="loss"`, /offer came back changed/],
    [`SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2;rport${ocOfferTexts['loss,rate']}`, /changed/],
    [`SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1;rport${ocOfferTexts['loss,rate']}`, /changed/],
    [`${offered};alias`, /changed/],
    [`${bare};oc=1;oc=2`, /broken/],
  ])('%s is not', (via, said) => {
    const finding = compareVias(answered([via]));
    expect(finding.survives).toBe(false);
    expect(finding.said).toMatch(said);
  });

  it('two Via lines, or none, are not', () => {
    expect(compareVias(answered([`${bare};oc;oc-algo="loss`, 'rate"'])).said).toBe('the Via came back as 2 lines');
    expect(compareVias(answered([])).survives).toBe(false);
  });
});

describe('compare', () => {
  it('wants the same status', () => {
    const plain = answered([bare], 'none');
    expect(compare(plain, answered([offered], 'loss,rate', 400))).toEqual({
      survives: false,
      said: 'answers 400 instead of 200',
    });
    expect(compare(answered([bare], 'none', 405), answered([offered], 'loss,rate', 405)).survives).toBe(true);
    expect(compare(plain, { kind: 'silent', reason: 'no answer in 5 s' }).said).toBe('no answer in 5 s');
  });
});
