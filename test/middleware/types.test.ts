// That it fits drachtio-srf's own declarations, and that wrong options do not compile.
import type Srf from 'drachtio-srf';
import { expect, it } from 'vitest';
import {
  type CongestionControl,
  type CongestionControlOptions,
  congestionControl,
} from '../../src/middleware/congestion-control.ts';

/** Compiled, never called: a real one would connect. */
function compiles(srf: Srf): CongestionControl {
  const options: CongestionControlOptions = {
    capacityPerSecond: 100,
    pushback: 'retry-after',
    retryAfter: { minSeconds: 2 },
    trust: { resourcePriority: true },
    neighbours: [{ name: 'carrier-a', addresses: ['203.0.113.0/28'], admission: { newCallsPerSecond: 50 } }],
    admission: { newCallsPerSecond: 200, burst: 40 },
    control: { waitMs: 100 },
    mode: 'shadow',
    dialplan: 'dialplan.yaml',
    log: (level, message, fields) => console.log(level, message, fields),
  };
  const control = congestionControl(options);
  srf.use('invite', control);
  srf.use(control);
  control.registry.contentType satisfies string;
  control.status()?.capacityPerSecond satisfies number | undefined;
  // @ts-expect-error: a number
  congestionControl({ capacityPerSecond: 'many' });
  // @ts-expect-error: no such pushback
  congestionControl({ pushback: 'loud' });
  // @ts-expect-error: no such option
  congestionControl({ limits: {} });
  // @ts-expect-error: a neighbour has a name
  congestionControl({ neighbours: [{ addresses: ['10.0.0.1'] }] });
  return control;
}

it('is middleware of three parameters: drachtio-srf takes one of four for a handler of errors', () => {
  const control = congestionControl();
  expect(compiles.length).toBe(1);
  expect(control.length).toBe(3);
  control.close();
});
