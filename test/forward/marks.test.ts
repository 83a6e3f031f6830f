import { describe, expect, it } from 'vitest';
import { Marks } from '../../src/forward/marks.ts';
import { headerLines } from '../../src/sip/header-lines.ts';
import { hex } from '../../src/sip/keyed-hash.ts';
import type { Peek } from '../../src/sip/peek.ts';
import { Writer } from '../../src/sip/writer.ts';
import { message, peekText } from '../sip/peek-text.ts';

const key = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
const marks = new Marks(key);
const others = new Marks(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 9]));

interface Given {
  method?: string;
  uri?: string;
  branch?: string;
  sentBy?: string;
  fromTag?: string;
  toTag?: string | undefined;
  callId?: string;
  cseq?: number;
  routes?: readonly string[];
  vias?: readonly string[];
}

function request(given: Given = {}) {
  const method = given.method ?? 'INVITE';
  return peekText(
    message(
      `${method} ${given.uri ?? 'sip:bob@example.com'} SIP/2.0`,
      `Via: SIP/2.0/UDP ${given.sentBy ?? '192.0.2.1:5060'};branch=${given.branch ?? 'z9hG4bK1'}`,
      ...(given.vias ?? []).map((via) => `Via: ${via}`),
      ...(given.routes ?? []).map((route) => `Route: ${route}`),
      'Max-Forwards: 70',
      `From: <sip:a@example.com>;tag=${given.fromTag ?? 'a1'}`,
      `To: <sip:b@example.com>${given.toTag === undefined ? '' : `;tag=${given.toTag}`}`,
      `Call-ID: ${given.callId ?? 'c1'}`,
      `CSeq: ${given.cseq ?? 1} ${method}`,
    ),
  );
}

const transaction = (given: Given, by = marks) => {
  by.transaction(request(given));
  return hex(by.high) + hex(by.low);
};
const w = new Writer(new Uint8Array(64));
/** The branch for `p`, and its key. */
function written(p: Peek, listenerId = 3, attempt = 0, flowId = 0, by = marks) {
  w.start();
  const key = by.writeBranch(w, p, listenerId, attempt, flowId);
  return { text: Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1'), key };
}
const branch = (given: Given, attempt = 0, by = marks) => written(request(given), 3, attempt, 0, by).text;
const read = (text: string, by = marks) => by.readBranch(Buffer.from(`;${text}`, 'latin1'), 1, text.length + 1);

const same: Given[] = [{ method: 'CANCEL' }, { method: 'ACK', toTag: 'whatever' }, { toTag: undefined }];

describe('the transaction, and the To tag that it makes', () => {
  it.each(same)('is the INVITE’s for %j', (given) => {
    expect(transaction(given)).toBe(transaction({}));
  });
  it.each<Given>([{ cseq: 2 }, { fromTag: 'a2' }, { callId: 'c2' }, { fromTag: 'a1c', callId: '1' }])(
    'is another for %j',
    (given) => {
      expect(transaction(given)).not.toBe(transaction({}));
    },
  );
  it('is another with another key', () => {
    expect(transaction({}, others)).not.toBe(transaction({}));
  });

  it('knows the ACK of a refusal by its To tag alone (RFC 3261 §8.2.7)', () => {
    marks.transaction(request({}));
    const tag = hex(marks.low) + hex(marks.refusalCheck(marks.low));
    const isOurs = (text: string, by = marks) => by.isRefusalTag(Buffer.from(text), 0, text.length);
    expect(isOurs(tag)).toBe(true);
    expect(isOurs(tag, others)).toBe(false);
    expect(marks.isRefusalTag(Buffer.from(tag), -1, -1)).toBe(false);
    for (let i = 0; i < tag.length; i++) {
      const altered = tag.slice(0, i) + (tag[i] === '0' ? '1' : '0') + tag.slice(i + 1);
      expect(isOurs(altered)).toBe(false);
    }
    for (const forged of [tag.toUpperCase(), tag.slice(1), `${tag}0`, `${tag.slice(0, -1)}g`, '0'.repeat(16), ''])
      expect(isOurs(forged)).toBe(forged === tag);
  });
});

describe('the key of a server transaction (RFC 3261 §17.2.3)', () => {
  const keyOf = (given: Given) => {
    const p = request(given);
    marks.transaction(p);
    return marks.serverKey();
  };
  it('is the same for INVITE, CANCEL and the ACK of a refusal, and another with another branch', () => {
    expect(new Set(same.map(keyOf)).size).toBe(1);
    expect(keyOf({})).toBe(keyOf({ method: 'CANCEL' }));
    expect(new Set([{}, { branch: 'z9hG4bK2' }, { cseq: 2 }, { fromTag: 'x' }, { callId: 'x' }].map(keyOf)).size).toBe(
      5,
    );
  });
  it('is a whole number of 53 bits', () => {
    for (let i = 0; i < 1000; i++) {
      const n = keyOf({ branch: `z9hG4bK${i}` });
      expect(Number.isSafeInteger(n) && n >= 0).toBe(true);
    }
  });
});

describe('the branch of what is sent on', () => {
  it('carries the cookie (RFC 3261 §8.1.1.7) and is a token', () => {
    expect(branch({})).toMatch(/^z9hG4bKsg[0-9a-f]{43}$/);
  });
  it.each(same)('is the INVITE’s for %j, from this process and the next', (given) => {
    expect(branch(given, 0, new Marks(key))).toBe(branch({}));
  });
  it.each<Given>([
    { branch: 'z9hG4bK2' },
    { sentBy: '192.0.2.2:5060' },
    { callId: 'c2' },
    { cseq: 2 },
    { uri: 'sip:carol@example.com' },
    { routes: ['<sip:x;lr>'] },
  ])('is another for %j', (given) => {
    expect(branch(given)).not.toBe(branch({}));
  });
  it('is another for another listener, attempt and key, but of one call’s key', () => {
    const p = request();
    const all = [written(p), written(p, 3, 1), written(p, 3, 15), written(p, 4), written(p, 3, 0, 0, others)];
    expect(new Set(all.map(({ text }) => text)).size).toBe(5);
    expect(new Set(all.slice(0, 4).map(({ key }) => key)).size).toBe(1);
  });
  it('serves a client of RFC 2543, whose Via has none', () => {
    const old = (cseq: number) =>
      peekText(
        message(
          'INVITE sip:b SIP/2.0',
          'Via: SIP/2.0/UDP a',
          'From: a;tag=1',
          'To: b',
          'Call-ID: c',
          `CSeq: ${cseq} INVITE`,
        ),
      );
    expect(written(old(1)).text).not.toBe(written(old(2)).text);
  });

  it('is read again', () => {
    for (const [listenerId, attempt, flowId] of [
      [0, 0, 0],
      [3, 1, 7],
      [255, 15, 2 ** 30],
    ] as const) {
      const { text, key } = written(request(), listenerId, attempt, flowId);
      expect(read(text)).toEqual({ listenerId, attempt, flowId, key, loop: marks.loop(request()) });
    }
  });
  it('is not ours with another key, cut, longer, in capitals, or with any character altered', () => {
    const text = branch({});
    expect(read(text, others)).toBeUndefined();
    const forged = [text.slice(0, -1), `${text}0`, text.toUpperCase(), '', 'z9hG4bKsg', `z9hG4bKsg${'0'.repeat(43)}`];
    for (let i = 0; i < text.length; i++)
      forged.push(text.slice(0, i) + (text[i] === '1' ? '2' : '1') + text.slice(i + 1));
    for (const one of forged) expect(read(one)).toBeUndefined();
  });
});

describe('a loop (RFC 5393 §4.2) is the same routing again', () => {
  const isLoop = (given: Given, listenerId = 3) => {
    const p = request(given);
    return marks.isLoop(p, headerLines(p, 'via', 'v'), listenerId);
  };
  const own = (given: Given = {}) => `SIP/2.0/UDP edge;branch=${branch(given)}`;

  it('where a Via of ours is below, in its own line or joined', () => {
    expect(isLoop({ vias: [own()] })).toBe(true);
    expect(isLoop({ vias: ['SIP/2.0/UDP x;branch=z9hG4bKx', `SIP/2.0/UDP y , ${own()};x=y, SIP/2.0/UDP z`] })).toBe(
      true,
    );
    expect(isLoop({ vias: [own(), 'SIP/2.0/UDP z'], method: 'CANCEL' })).toBe(true);
    expect(isLoop({ branch: branch({}) })).toBe(true);
  });
  it.each<Given>([{ uri: 'sip:carol@example.com' }, { routes: ['<sip:x;lr>'] }, { cseq: 2 }, { fromTag: 'a2' }])(
    'and not a spiral with %j',
    (given) => {
      expect(isLoop({ ...given, vias: [own()] })).toBe(false);
    },
  );
  // the side that a request comes in by decides where it goes: a call out through the switch and back is no loop
  it('and not what came in by another listener', () => {
    expect(isLoop({ vias: [own()] }, 4)).toBe(false);
  });
  it('and not the branch of another', () => {
    expect(isLoop({})).toBe(false);
    expect(isLoop({ vias: ['SIP/2.0/UDP a;branch=z9hG4bK1'] })).toBe(false);
    expect(isLoop({ vias: [`SIP/2.0/UDP a;branch=${branch({}, 0, others)}`] })).toBe(false);
    expect(isLoop({ vias: [own().slice(0, -1)] })).toBe(false);
  });
  it('costs little whatever a sender writes', () => {
    // ten times the length costs about ten times as much, and not a hundred times
    const cost = (repeats: number) => {
      const p = request({ vias: [`SIP/2.0/UDP a;x=${'zzzzzzzsssssss'.repeat(repeats)}`] });
      const lines = headerLines(p, 'via', 'v');
      const times = Array.from({ length: 9 }, () => {
        const began = performance.now();
        expect(marks.isLoop(p, lines, 3)).toBe(false);
        return performance.now() - began;
      });
      return Math.min(...times);
    };
    cost(450);
    expect(cost(4500)).toBeLessThan(50 * cost(450));
  });
});

it('marks a dialog by its Call-ID, whoever of the two sends', () => {
  const mark = marks.dialog(request());
  expect(mark).toBe(mark >>> 0);
  expect(marks.dialog(request({ fromTag: 'b', toTag: 'a', cseq: 99, method: 'BYE' }))).toBe(mark);
  expect(marks.dialog(request({ callId: 'c2' }))).not.toBe(mark);
  expect(others.dialog(request())).not.toBe(mark);
});

it('keeps seals of different things apart', () => {
  const seals = [marks.seal('a', 'bc'), marks.seal('ab', 'c'), marks.seal('a', 'bd'), others.seal('a', 'bc')];
  expect(new Set(seals).size).toBe(4);
  expect(seals[0]).toMatch(/^[0-9a-f]{16}$/);
});
