// What GET /v1/events says of what has happened: one line for each change that an operator would want to know of.

export const timelineKinds = [
  'mode',
  'gap',
  'switch',
  'orchestrator',
  'operator',
  'drain',
  'reload',
  'indicator',
] as const;
export type TimelineKind = (typeof timelineKinds)[number];

export type Severity = 'info' | 'warning' | 'critical';

export interface TimelineEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly kind: TimelineKind;
  readonly severity: Severity;
  readonly text: string;
  /** Of an order: the operator. */
  readonly by?: string;
}
