// What configuration says of an application bounds what it claims of itself.

import type { ApplicationConfig } from '../../config/orchestrator-schema.ts';
import { type Amounts, least } from '../../congestion/amounts.ts';
import type { Registration } from '../../congestion/application-messages.ts';

export interface ApplicationSettings {
  readonly name: string;
  readonly isEssential: boolean;
  /** 0 to 9: the highest that it may claim. */
  readonly priority: number;
  readonly isExempt: boolean;
  readonly maximum: Amounts;
  readonly minimum: Amounts;
}

/** Of an application's registration, what the settings allow. */
export type Claim = Pick<Registration, 'essential' | 'priority' | 'maximum' | 'minimum'>;

/** Essential and of a priority only as far as both say so; exempt by configuration alone; of amounts the least, and no minimum above
 * its maximum. `claim` undefined: it has said nothing yet. */
export function boundedSettings(settings: ApplicationSettings, claim: Claim | undefined): ApplicationSettings {
  const { isExempt } = settings;
  const maximum = least(settings.maximum, claim?.maximum ?? {});
  const minimum = withinMaximum(least(settings.minimum, claim?.minimum ?? {}), maximum);
  return {
    name: settings.name,
    isEssential: isExempt || (settings.isEssential && (claim?.essential ?? true)),
    priority: Math.min(settings.priority, claim?.priority ?? settings.priority),
    isExempt,
    maximum,
    minimum,
  };
}

/** Resources of which there is no minimum stay without one. */
function withinMaximum(minimum: Amounts, maximum: Amounts): Amounts {
  const bounded = least(minimum, maximum);
  return Object.fromEntries(Object.entries(bounded).filter(([name]) => minimum[name as keyof Amounts] !== undefined));
}

export function settingsOf(config: ApplicationConfig): ApplicationSettings {
  const { name, essential, priority, exempt, maximum, minimum } = config;
  return { name, isEssential: essential, priority, isExempt: exempt, maximum, minimum };
}
