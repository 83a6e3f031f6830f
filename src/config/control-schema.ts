// The keys of the control loop: how often load is sampled, and what follows from it (DESIGN.md §4).
import { flag, section, whole } from './fields.ts';

export const monitor = section({
  intervalMs: whole('ms', 20, 1000)
    .default(100)
    .meta({ description: 'Time between two samples of load, and between two throttles' }),
}).prefault({});

export const control = section({
  enabled: flag().default(true).meta({
    description:
      'Whether limits follow what the edge sees; `false`: only those of this file apply, and nothing is learned',
  }),
  waitMs: whole('ms', 0, 400).default(200).meta({
    description:
      'How long an ordinary call may wait for its turn before it is refused: well under T1, so that nobody retransmits because of us',
  }),
  normalFloorPerSecond: whole('calls per second', 1, 1_000_000).default(10).meta({
    description: 'New calls of an interface below which nothing is a surge, however small its learned normal',
  }),
  gapping: flag().default(true).meta({
    description: 'Gap called numbers that carry a surge and complete badly (ITU-T E.412), without an operator',
  }),
}).prefault({});
