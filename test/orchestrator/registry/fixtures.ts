// Messages of applications, as the schemas of the congestion API read them.
import {
  type Notification,
  notificationSchema,
  type Registration,
  type Report,
  registrationSchema,
  reportSchema,
} from '../../../src/congestion/application-messages.ts';
import type { ApplicationSettings } from '../../../src/orchestrator/registry/application-settings.ts';
import { Applications } from '../../../src/orchestrator/registry/applications.ts';

export function settings(name: string, more: Partial<ApplicationSettings> = {}): ApplicationSettings {
  return { name, isEssential: true, priority: 5, isExempt: false, maximum: {}, minimum: {}, ...more };
}

/** Sessions are counted. */
export function applications(all: readonly ApplicationSettings[] = [settings('web'), settings('batch')]): Applications {
  let sessions = 0;
  return new Applications(all, { newSession: () => `session-${++sessions}`, silentMs: 60_000 });
}

export function registration(sequence: number, more: object = {}): Registration {
  return registrationSchema.parse({ instance: 'instance-1', sequence, validitySeconds: 10, ...more });
}

export function report(session: string, sequence: number, more: object = {}): Report {
  return reportSchema.parse({ session, sequence, validitySeconds: 10, ...more });
}

export function lowUtilisation(session: string, sequence: number, unused: object): Notification {
  return notificationSchema.parse({ kind: 'low-utilisation', session, sequence, unused });
}

export function preCongestion(session: string, sequence: number, resource: string, seconds: number): Notification {
  return notificationSchema.parse({
    kind: 'pre-congestion',
    session,
    sequence,
    resource,
    utilisationRatio: 0.9,
    secondsToThreshold: seconds,
  });
}
