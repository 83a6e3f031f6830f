// What GET /v1/audit says of each order: who did what, when, until when.
import type { AuditLogEntry } from '../audit-log.ts';

export const auditActions = [
  'override',
  'lift-override',
  'gap',
  'lift-gap',
  'drain',
  'lift-drain',
  'drain-switch',
  'lift-switch-drain',
  'shadow',
  'lift-shadow',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** The subject: digits, mode, `edge`, the name of a switch, `on` or `off`. */
export type AuditEntry = AuditLogEntry<AuditAction>;
