// The penalty box of a configuration, and a line in the log for whoever gets into it.
import type { Config } from '../config/schema.ts';
import { Penalties } from '../edge/penalties.ts';
import type { Log } from '../log.ts';
import type { Counters } from '../metrics/counters.ts';

export function createPenalties({ penalty }: Config, counters: Counters, log: Log): Penalties {
  const settings = { ...penalty, exempt: penalty.exempt.map((cidr) => cidr.text) };
  return new Penalties(settings, (cause, address) => {
    counters.penalties[cause]++;
    const text = 'a source goes on after pushback: what is refused or malformed of it gets no answer';
    log.limited(`penalty ${cause}`, 'warn', text, { cause, address, seconds: penalty.blockSeconds });
  });
}
