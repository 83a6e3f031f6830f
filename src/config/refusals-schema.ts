// The keys of what is kept of refusals.
import { oneOf, section, whole } from './fields.ts';

export const refusals = section({
  kept: whole('refusals', 0, 50_000)
    .default(10_000)
    .meta({ description: 'Refusals kept for GET /v1/refusals, some 300 bytes each; 0: none' }),
  numbers: oneOf(['full', 'masked', 'none'])
    .default('full')
    .meta({ description: 'What it shows of called numbers; `masked`: all but their last four digits' }),
}).prefault({});
