// Every phase with every goal: what comes next, and what is said of it.
import { expect, it } from 'vitest';
import type { NewNotice, ShedNotice } from '../../../src/orchestrator/shedding/notice.ts';
import { type Goal, type Phase, type PhaseInput, stepPhase } from '../../../src/orchestrator/shedding/phase.ts';
import { sheddingRules } from '../../../src/orchestrator/shedding/shedding-rules.ts';

const nowMs = 100_000;
const target = { memoryBytes: 10 };
const notice = (deadlineMs: number): ShedNotice => {
  return { id: 'old', kind: 'start-load-shedding', target, askedMs: 90_000, deadlineMs, cause: 'L2' };
};
const create: NewNotice = (kind, to, deadlineMs) => {
  return { id: 'new', kind, target: to, askedMs: nowMs, deadlineMs: nowMs + deadlineMs, cause: 'L2' };
};
const [past, ahead] = [nowMs, nowMs + 1];
const limits = [{ resource: 'memoryBytes', limit: 10, sinceMs: 95_000, cause: '' }] as const;

const phases = {
  calm: { phase: 'calm' },
  'asked to end': { phase: 'asked', to: 'dump', notice: notice(ahead) },
  'asked to end, over': { phase: 'asked', to: 'dump', notice: notice(past) },
  asked: { phase: 'asked', to: 'boundary', notice: notice(ahead) },
  'asked, over': { phase: 'asked', to: 'boundary', notice: notice(past) },
  complied: { phase: 'complied', notice: notice(past), askedFor: target, aboveSinceMs: undefined },
  'complied, above for long': { phase: 'complied', notice: notice(past), askedFor: target, aboveSinceMs: 97_000 },
  forced: { phase: 'forced', notice: notice(past), limits, aboveSinceMs: undefined },
  suspended: { phase: 'suspended', notice: notice(past), sinceMs: 95_000 },
} as const satisfies Record<string, Phase>;

const goals = {
  none: { kind: 'none' },
  dump: { kind: 'dump' },
  boundary: { kind: 'boundary', boundary: target },
  'lower boundary': { kind: 'boundary', boundary: { memoryBytes: 4 } },
} as const satisfies Record<string, Goal>;

const above = { memoryBytes: 20 };
const within = { memoryBytes: 3 };

/** `phase notice: events`. */
const table: readonly (readonly [keyof typeof phases, keyof typeof goals, above: string, within: string])[] = [
  ['calm', 'none', 'calm', 'calm'],
  ['calm', 'dump', 'asked new: asked', 'asked new: asked'],
  ['calm', 'boundary', 'asked new: asked', 'asked new: asked'],
  ['calm', 'lower boundary', 'asked new: asked', 'asked new: asked'],
  ['asked to end', 'none', 'calm: lifted', 'calm: lifted'],
  ['asked to end', 'dump', 'asked old', 'asked old'],
  ['asked to end', 'boundary', 'asked new: asked', 'asked new: asked'],
  ['asked to end', 'lower boundary', 'asked new: asked', 'asked new: asked'],
  ['asked to end, over', 'none', 'calm: lifted', 'calm: lifted'],
  ['asked to end, over', 'dump', 'suspended old: suspended', 'suspended old: suspended'],
  ['asked to end, over', 'boundary', 'asked new: asked', 'asked new: asked'],
  ['asked to end, over', 'lower boundary', 'asked new: asked', 'asked new: asked'],
  ['asked', 'none', 'calm: lifted', 'calm: lifted'],
  ['asked', 'dump', 'asked new: asked', 'asked new: asked'],
  ['asked', 'boundary', 'asked old', 'complied old: complied'],
  ['asked', 'lower boundary', 'asked old', 'complied old: complied'],
  ['asked, over', 'none', 'calm: lifted', 'calm: lifted'],
  ['asked, over', 'dump', 'asked new: asked', 'asked new: asked'],
  ['asked, over', 'boundary', 'forced old: forced', 'complied old: complied'],
  ['asked, over', 'lower boundary', 'forced old: forced', 'complied old: complied'],
  ['complied', 'none', 'calm: lifted', 'calm: lifted'],
  ['complied', 'dump', 'asked new: asked', 'asked new: asked'],
  ['complied', 'boundary', 'complied old', 'complied old'],
  ['complied', 'lower boundary', 'asked new: asked', 'complied old'],
  ['complied, above for long', 'none', 'calm: lifted', 'calm: lifted'],
  ['complied, above for long', 'dump', 'asked new: asked', 'asked new: asked'],
  ['complied, above for long', 'boundary', 'forced old: forced', 'complied old'],
  ['complied, above for long', 'lower boundary', 'asked new: asked', 'complied old'],
  ['forced', 'none', 'calm: lifted', 'calm: lifted'],
  ['forced', 'dump', 'asked new: lifted asked', 'asked new: lifted asked'],
  ['forced', 'boundary', 'forced old', 'forced old'],
  ['forced', 'lower boundary', 'forced old', 'forced old'],
  ['suspended', 'none', 'calm: resumed', 'calm: resumed'],
  ['suspended', 'dump', 'suspended old', 'suspended old'],
  ['suspended', 'boundary', 'asked new: resumed asked', 'asked new: resumed asked'],
  ['suspended', 'lower boundary', 'asked new: resumed asked', 'asked new: resumed asked'],
];

it('is complete', () => {
  const pairs = Object.keys(phases).flatMap((phase) => Object.keys(goals).map((goal) => `${phase} ${goal}`));
  expect(table.map(([phase, goal]) => `${phase} ${goal}`)).toEqual(pairs);
});

it.each(table)('%s, %s: above %s, within %s', (phase, goal, whenAbove, whenWithin) => {
  for (const [used, expected] of [
    [above, whenAbove],
    [within, whenWithin],
  ] as const) {
    const input: PhaseInput = { used, canBeForced: true, canLimit: ['memoryBytes'], isReachable: true, nowMs };
    const step = stepPhase(phases[phase], goals[goal], input, sheddingRules, create);
    const id = step.phase.phase === 'calm' ? '' : ` ${step.phase.notice.id}`;
    const events = step.events.map(({ what }) => what).join(' ');
    expect(`${step.phase.phase}${id}${events === '' ? '' : `: ${events}`}`).toBe(expected);
  }
});
