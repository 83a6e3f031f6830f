// What GET /v1/audit says of each order: who did what, when, until when.
export const auditActions = [
  'override',
  'lift-override',
  'gap',
  'lift-gap',
  'drain',
  'lift-drain',
  'drain-switch',
  'lift-switch-drain',
] as const;
export type AuditAction = (typeof auditActions)[number];

export interface AuditEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly by: string;
  readonly action: AuditAction;
  /** Digits, mode, `edge` or the name of a switch. */
  readonly subject: string;
  readonly reason: string;
  readonly until?: string;
}
