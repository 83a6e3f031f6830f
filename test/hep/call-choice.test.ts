// Which calls are mirrored: values in, values out, the time passed by hand.
import { describe, expect, it } from 'vitest';
import { CallChoice, type CallKind } from '../../src/hep/call-choice.ts';
import { CallHash } from '../../src/hep/call-hash.ts';
import { CallSet } from '../../src/hep/call-set.ts';

const hash = new CallHash();
const hashOf = (id: string): [number, number] => {
  const bytes = Buffer.from(id);
  hash.of(bytes, 0, bytes.length);
  return [hash.sample, hash.print];
};
const rules = { ratio: 1, messagesPerSecond: 1600, refusalsPerSecond: 10 };

/** Offers `perSecond` calls for so many seconds; the ids of those kept. */
function offer(
  choice: CallChoice,
  kind: CallKind,
  isPrivileged: boolean,
  perSecond: number,
  seconds: number,
  from = 0,
) {
  const kept: string[] = [];
  for (let i = 0; i < perSecond * seconds; i++) {
    const id = `${kind}-${isPrivileged}-${from}-${i}@test`;
    if (choice.begin(kind, isPrivileged, ...hashOf(id), from + (i * 1000) / perSecond)) kept.push(id);
  }
  return kept;
}

describe('the sample', () => {
  it.each([0, 0.01, 0.5, 1])('of %d is that share of the calls, and the same for everybody', (ratio) => {
    const [one, two] = [new CallChoice({ ...rules, ratio }), new CallChoice({ ...rules, ratio })];
    const ids = Array.from({ length: 20_000 }, (_, i) => `${i}-4711@192.0.2.1`);
    const taken = ids.filter((id) => one.isSampled(hashOf(id)[0]));
    expect(taken.length / ids.length).toBeCloseTo(ratio, 1.5);
    expect(taken.filter((id) => !two.isSampled(hashOf(id)[0]))).toEqual([]);
  });

  it('of more holds that of less', () => {
    const [less, more] = [new CallChoice({ ...rules, ratio: 0.1 }), new CallChoice({ ...rules, ratio: 0.2 })];
    const ids = Array.from({ length: 2_000 }, (_, i) => hashOf(`${i}@x`)[0]);
    expect(ids.filter((id) => less.isSampled(id) && !more.isSampled(id))).toEqual([]);
  });
});

describe('under load', () => {
  it('ordinary calls are begun only as far as their messages find room', () => {
    const choice = new CallChoice(rules);
    const kept = offer(choice, 'call', false, 4000, 10);
    // four fifths of 1,600 messages a second, 16 a call: 80 calls a second, and a second's worth at once
    expect(kept.length).toBeGreaterThan(800);
    expect(kept.length).toBeLessThan(900);
    for (const id of kept.slice(-50)) expect(choice.keptAs(...hashOf(id))).toBe('call');
  });

  it('messages of those begun pass, up to the limit; the last fifth is for priority calls', () => {
    const choice = new CallChoice(rules);
    let [ordinary, priority] = [0, 0];
    for (let i = 0; i < 5000; i++) if (choice.takesMessage('call', 0)) ordinary++;
    for (let i = 0; i < 5000; i++) if (choice.takesMessage('priority', 0)) priority++;
    expect([ordinary, priority]).toEqual([1280, 320]);
    expect(choice.takesMessage('priority', 1)).toBe(true);
    expect(choice.takesMessage('call', 1)).toBe(false);
  });

  it('priority calls are begun whatever ordinary ones take, and those give way', () => {
    const choice = new CallChoice(rules);
    offer(choice, 'call', false, 4000, 2);
    expect(offer(choice, 'priority', true, 30, 10, 2000)).toHaveLength(300);
    const alone = new CallChoice(rules);
    offer(alone, 'call', false, 4000, 2);
    offer(alone, 'priority', true, 80, 1, 2000);
    expect(offer(alone, 'call', false, 4000, 1, 3000).length).toBeLessThan(90);
    expect(offer(alone, 'priority', true, 100, 1, 4000)).toHaveLength(100);
  });

  it('refused calls have a limit of their own, of which a fifth is for priority calls', () => {
    const choice = new CallChoice(rules);
    const kept = offer(choice, 'refusal', false, 10_000, 10);
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.length).toBeLessThan(112);
    expect(choice.hasRoomForRefusal(10_000)).toBe(false);
    expect(choice.begin('refusal', true, ...hashOf('gets'), 10_000)).toBe(true);
    expect(offer(choice, 'call', false, 10, 1, 10_000)).toHaveLength(10);
    expect(choice.takesMessage('call', 10_000)).toBe(true);
  });

  it('no refused call is mirrored where none is wanted', () => {
    const choice = new CallChoice({ ...rules, refusalsPerSecond: 0 });
    expect(offer(choice, 'refusal', true, 100, 1)).toEqual([]);
    expect(choice.hasRoomForRefusal(0)).toBe(false);
  });

  it('what was decided stays: a call left out is known as such, one that was kept too', () => {
    const choice = new CallChoice(rules);
    const kept = new Set(offer(choice, 'call', false, 4000, 1));
    for (let i = 0; i < 4000; i++) {
      const id = `call-false-0-${i}@test`;
      expect(choice.keptAs(...hashOf(id))).toBe(kept.has(id) ? 'call' : undefined);
      expect(choice.isLeftOut(...hashOf(id))).toBe(!kept.has(id));
    }
  });

  it('a refused call that is tried again and admitted becomes an ordinary one', () => {
    const choice = new CallChoice(rules);
    const id = hashOf('again');
    choice.begin('refusal', false, ...id, 0);
    choice.keep('call', ...id);
    expect(choice.keptAs(...id)).toBe('call');
  });
});

describe('the table of calls', () => {
  it('finds what was added, with its mark, and nothing else', () => {
    const set = new CallSet(1024);
    for (let i = 0; i < 200; i++) set.add(...hashOf(`${i}`), 1 + (i % 3));
    let found = 0;
    for (let i = 0; i < 200; i++) {
      const mark = set.find(...hashOf(`${i}`));
      if (mark === 0) continue;
      found++;
      expect(mark).toBe(1 + (i % 3));
    }
    expect(found).toBeGreaterThan(195);
    for (let i = 200; i < 2_000; i++) expect(set.find(...hashOf(`${i}`))).toBe(0);
  });

  it('knows a call whose hash is 0, and is empty at first', () => {
    const set = new CallSet(4);
    expect(set.find(0, 0)).toBe(0);
    set.add(0, 0, 2);
    expect(set.find(0, 0)).toBe(2);
  });

  it('forgets the one heard of longest ago', () => {
    const set = new CallSet(4);
    for (const print of [4, 8, 12, 16]) set.add(0, print, 1);
    set.find(0, 4);
    set.add(0, 20, 1);
    expect([4, 8, 12, 16, 20].map((print) => set.find(0, print))).toEqual([1, 0, 1, 1, 1]);
  });

  it('gives a call a new mark without forgetting another', () => {
    const set = new CallSet(4);
    for (const print of [4, 8, 12, 16]) set.add(0, print, 1);
    set.add(0, 8, 3);
    expect([4, 8, 12, 16].map((print) => set.find(0, print))).toEqual([1, 3, 1, 1]);
  });
});
