// What modes, indicators and causes are called where a person reads them. Pure.
import type { ModeCause } from '../../control/running-mode.ts';
import type { GapCause, IndicatorName, RunningMode } from '../../control/throttle.ts';
import type { Shape } from './dom.ts';

export interface ModeWords {
  readonly word: string;
  readonly shape: Shape;
  readonly means: string;
}

export const modes: Readonly<Record<RunningMode, ModeWords>> = {
  L0: { word: 'Normal', shape: 'circle', means: 'Calls pass as they come; nothing is restricted for load.' },
  L1: {
    word: 'Guarded',
    shape: 'triangle',
    means: 'Non-essential requests are refused and hot numbers are gapped.',
  },
  L2: {
    word: 'Reduced',
    shape: 'diamond',
    means: 'Ordinary new calls are reduced in stages while the edge or the host runs short.',
  },
  L3: {
    word: 'Crisis',
    shape: 'octagon',
    means:
      'Ordinary calls are served in slow, small scans, the newest first. Priority and emergency calls flow freely.',
  },
};

/** What L2 and L3 do besides where somebody has ordered them (control/stages.ts): demand alone would reduce nothing below capacity. */
export const orderedText = (mode: RunningMode): string =>
  mode === 'L2' || mode === 'L3'
    ? ' Ordered by hand, it also reduces ordinary calls in steps, down to a quarter of what the switches can do.'
    : '';

/** Names for titles; `mode`: one that this page does not know is shown as it is. */
export const modeTitle = (mode: RunningMode): string => `${mode} ${modes[mode]?.word ?? ''}`.trim();

/** `measured`: the ratio as a percentage. */
const indicatorTexts: Readonly<Record<IndicatorName, (measured: string) => string>> = {
  arrivals: (measured) => `new calls ${measured} of normal`,
  registrations: (measured) => `registrations ${measured} of normal`,
  'kernel-buffer': (measured) => `kernel buffers ${measured} full`,
  'event-loop': (measured) => `event loop ${measured} busy`,
  memory: (measured) => `memory ${measured} full`,
  'switch-capacity': (measured) => `switches asked for ${measured} of what they can do`,
  reserve: (measured) => `emergency reserve ${measured} in use`,
  concentration: (measured) => `${measured} of calls to few numbers`,
};

/** As it is where this page does not know it. */
export const indicatorText = (name: IndicatorName, measured: string, on: string | null): string =>
  `${indicatorTexts[name]?.(measured) ?? `${name} ${measured}`}${on === null ? '' : `, ${on}`}`;

export const causeWords: Readonly<Record<ModeCause, string>> = {
  arrivals: 'new calls',
  registrations: 'registrations',
  'kernel-buffer': 'kernel buffers',
  'event-loop': 'event loop',
  memory: 'memory',
  'switch-capacity': 'switches at capacity',
  reserve: 'emergency reserve',
  concentration: 'calls to few numbers',
  orchestrator: 'orchestrator',
  operator: 'ordered by hand',
};

export const gapCauseWords: Readonly<Record<GapCause, string>> = {
  'mass-calling': 'mass calling',
  'hard-to-reach': 'hard to reach',
  operator: 'operator',
};
