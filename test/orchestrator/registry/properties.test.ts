// Whatever the network does with messages, nothing but the newest counts, and whoever goes on speaking is heard within one renewal.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runningModes } from '../../../src/control/throttle.ts';
import { Applications } from '../../../src/orchestrator/registry/applications.ts';
import { applications, registration, report, settings } from './fixtures.ts';

const message = fc.record({
  isRegistration: fc.boolean(),
  sequence: fc.integer({ min: 1, max: 30 }),
  priority: fc.integer({ min: 0, max: 5 }),
  mode: fc.constantFrom(...runningModes),
  validitySeconds: fc.integer({ min: 1, max: 20 }),
  afterMs: fc.integer({ min: 0, max: 3000 }),
});
type Message = (typeof message extends fc.Arbitrary<infer M> ? M : never) & { atMs?: number };

function deliver(all: Applications, one: Message, nowMs: number) {
  const { isRegistration, sequence, priority, mode, validitySeconds } = one;
  return isRegistration
    ? all.register('web', registration(sequence, { priority, validitySeconds }), nowMs)
    : all.report('web', report('session-1', sequence, { mode, validitySeconds }), nowMs);
}

it('in any order: the state is that of the newest message of each kind that was in its turn, and its lease runs from its receipt', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
      const all = applications();
      all.register('web', registration(1, { priority: 5, validitySeconds: 5 }), 0);
      let last = 1;
      let nowMs = 0;
      let expected = { priority: 5, endsMs: 5000, report: undefined as { mode: string; endsMs: number } | undefined };
      for (const one of messages) {
        nowMs += one.afterMs;
        deliver(all, one, nowMs);
        if (one.sequence > last) {
          last = one.sequence;
          const endsMs = nowMs + one.validitySeconds * 1000;
          expected = one.isRegistration
            ? { ...expected, priority: one.priority, endsMs }
            : { ...expected, endsMs, report: { mode: one.mode, endsMs } };
        }
        const view = all.find('web', nowMs);
        expect(view?.settings.priority).toBe(expected.priority);
        expect(view?.leaseEndsMs).toBe(expected.endsMs);
        expect(view?.state).toBe(nowMs < expected.endsMs ? 'leased' : 'silent');
        const isValid = expected.report !== undefined && nowMs < expected.report.endsMs;
        expect(view?.report?.mode).toBe(isValid ? expected.report?.mode : undefined);
      }
    }),
  );
});

it('each message twice, thrice, or again much later: the same as once', () => {
  const copies = fc.array(fc.tuple(message, fc.integer({ min: 1, max: 3 }), fc.nat(10)), { maxLength: 30 });
  fc.assert(
    fc.property(copies, (written) => {
      const once = applications();
      const often = applications();
      for (const all of [once, often]) all.register('web', registration(1), 0);
      const sent: Message[] = [];
      let nowMs = 0;
      for (const [one, times, back] of written) {
        nowMs += one.afterMs;
        deliver(once, one, nowMs);
        for (let i = 0; i < times; i++) deliver(often, one, nowMs);
        sent.push(one);
        const old = sent[sent.length - 1 - back];
        if (old !== undefined) deliver(often, old, nowMs);
        expect(often.list(nowMs)).toEqual(once.list(nowMs));
      }
    }),
  );
});

/** An application as the protocol asks for it: a refusal makes it register anew. */
class Speaker {
  private sequence = 0;
  private session: string | undefined;
  private readonly instance: string;

  constructor(instance: string) {
    this.instance = instance;
  }

  next(): (all: Applications, nowMs: number) => void {
    this.sequence += 1;
    const { sequence, session, instance } = this;
    if (session === undefined)
      return (all, nowMs) => {
        const result = all.register('web', registration(sequence, { instance }), nowMs);
        if (!('refused' in result)) this.session = all.find('web', nowMs)?.session;
      };
    return (all, nowMs) => {
      if ('refused' in all.report('web', report(session, sequence), nowMs)) this.session = undefined;
    };
  }
}

it('lost, late and doubled messages, restarts on both sides: once the network is well, it is heard within two messages', () => {
  const event = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('send', 'lose', 'delay', 'double') },
    { weight: 1, arbitrary: fc.constantFrom('restart it', 'restart us with a journal', 'restart us without') },
  );
  const start = (epoch: number) => {
    let sessions = 0;
    return new Applications([settings('web')], { newSession: () => `session-${epoch}-${++sessions}` });
  };
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.infiniteStream(fc.nat(100)), (events, random) => {
      let all = start(0);
      let instances = 1;
      let speaker = new Speaker(`instance-${instances}`);
      const late: ((all: Applications, nowMs: number) => void)[] = [];
      let nowMs = 0;
      for (const [i, what] of events.entries()) {
        nowMs += 1000;
        if (what === 'restart it') speaker = new Speaker(`instance-${++instances}`);
        if (what.startsWith('restart us')) {
          const saved = all.saved();
          all = start(i + 1);
          if (what === 'restart us with a journal') all.restore(saved, nowMs);
        }
        const say = speaker.next();
        if (what === 'delay') late.push(say);
        else if (what !== 'lose') say(all, nowMs);
        if (what === 'double') say(all, nowMs);
        // Something old arrives now and then.
        if (random.next().value < 30) late.shift()?.(all, nowMs);
      }
      for (const say of late) say(all, nowMs);
      // One may learn that it is not known, the next registers it. What was late may have taken its place once more.
      for (let i = 0; i < 3; i++) speaker.next()(all, nowMs + i * 1000);
      expect(all.find('web', nowMs + 3000)).toMatchObject({ state: 'leased', instance: `instance-${instances}` });
    }),
  );
});

it('no wall clock counts: the same messages at any moment of the local clock give the same leases', () => {
  const offsets = fc.tuple(fc.array(message, { maxLength: 30 }), fc.integer({ min: 0, max: 2 ** 50 }));
  fc.assert(
    fc.property(offsets, ([messages, offsetMs]) => {
      const here = applications();
      const there = applications();
      here.register('web', registration(1), 0);
      there.register('web', registration(1), offsetMs);
      let nowMs = 0;
      for (const one of messages) {
        nowMs += one.afterMs;
        deliver(here, one, nowMs);
        deliver(there, one, nowMs + offsetMs);
        expect(there.find('web', nowMs + offsetMs)?.state).toBe(here.find('web', nowMs)?.state);
        expect(there.step('L0', nowMs + offsetMs)).toEqual(here.step('L0', nowMs));
      }
    }),
  );
});
