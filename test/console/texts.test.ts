import { describe, expect, it } from 'vitest';
import { type AuditAction, auditActions } from '../../src/admin/audit-entry.ts';
import { operatorEntry } from '../../src/console/texts.ts';

const lines: Readonly<Record<AuditAction, readonly [string, string]>> = {
  override: ['L2', 'running mode L2 ordered'],
  'lift-override': ['L2', 'order of running mode L2 lifted'],
  gap: ['555 stop', 'gap placed on 555 stop'],
  'lift-gap': ['555', 'gap on 555 lifted'],
  drain: ['edge', 'drain of the edge ordered'],
  'lift-drain': ['edge', 'drain of the edge lifted'],
  'drain-switch': ['sw1', 'switch sw1 taken out of service'],
  'lift-switch-drain': ['sw1', 'switch sw1 back in service'],
  shadow: ['on', 'shadow mode switched on'],
  'lift-shadow': ['on', 'order of shadow mode on lifted'],
};

describe('an order in the timeline', () => {
  it.each(auditActions)('%s is told with who gave it', (action) => {
    const [subject, text] = lines[action];
    const entry = operatorEntry({ at: '2026-01-01T00:00:00.000Z', by: 'ann', action, subject, reason: '' });
    const severity = action.startsWith('lift-') ? 'info' : 'warning';
    expect(entry).toEqual({ kind: 'operator', severity, text, by: 'ann' });
  });

  it('says until when, and why', () => {
    const until = '2026-01-01T00:10:00.000Z';
    const order = {
      at: '2026-01-01T00:00:00.000Z',
      by: 'ann',
      action: 'drain',
      subject: 'edge',
      reason: 'upgrade',
    } as const;
    expect(operatorEntry({ ...order, until }).text).toBe('drain of the edge ordered until 00:10:00 UTC: upgrade');
  });
});
