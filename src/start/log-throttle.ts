// One line for each change of what the control loop does: running mode, gaps. Nothing while it only adjusts rates.
import type { Gap, Throttle } from '../control/throttle.ts';
import type { Log } from '../log.ts';

export function logThrottle(log: Log, throttle: Throttle, before: Throttle | undefined): void {
  const modeBefore = before?.mode ?? 'L0';
  if (throttle.mode !== modeBefore) {
    const indicators = throttle.indicators.map(({ name, interface: where, value, proposes }) => ({
      name,
      interface: where,
      value: Number(value.toFixed(2)),
      proposes,
    }));
    const level = throttle.mode > modeBefore ? 'warn' : 'info';
    log[level]('running mode changed', { from: modeBefore, to: throttle.mode, indicators });
  }
  const known = new Set(before?.gaps.map(gapKey));
  for (const gap of throttle.gaps) {
    if (known.delete(gapKey(gap))) continue;
    log.warn('gap placed', { digits: gap.digits, cause: gap.cause, limit: gap.limit });
  }
  for (const key of known) {
    const [cause, digits] = key.split(' ');
    log.info('gap removed', { digits, cause });
  }
}

const gapKey = (gap: Gap): string => `${gap.cause} ${gap.digits}`;
