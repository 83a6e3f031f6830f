// OPTIONS to every switch (RFC 3261 §11), sent by the server; judged by the pure `health.ts` as those of our own are.
import type { EdgeParts } from '../../edge/parts.ts';
import { ProbeTimes } from '../../edge/probe-times.ts';
import type { Switch } from '../../edge/switches.ts';
import { destinationOf } from './destination.ts';
import type { DrachtioLink } from './link.ts';

export interface StackHealthTiming {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export class StackHealth {
  private readonly parts: Pick<EdgeParts, 'switches' | 'now'>;
  private readonly link: () => Pick<DrachtioLink, 'isUp' | 'request'> | undefined;
  private readonly timing: () => StackHealthTiming;
  private readonly times = new ProbeTimes();

  constructor(
    parts: Pick<EdgeParts, 'switches' | 'now'>,
    link: () => Pick<DrachtioLink, 'isUp' | 'request'> | undefined,
    timing: () => StackHealthTiming,
  ) {
    this.parts = parts;
    this.link = link;
    this.timing = timing;
  }

  /** Call about ten times a second. While the link is down nobody can be asked, and nobody is judged. */
  tick(nowMs: number): void {
    const link = this.link();
    if (link?.isUp !== true) return;
    const { intervalMs, timeoutMs } = this.timing();
    for (const one of this.times.take(this.parts.switches.all, nowMs, intervalMs))
      void this.probe(link, one, timeoutMs);
  }

  private async probe(link: Pick<DrachtioLink, 'isUp' | 'request'>, one: Switch, timeoutMs: number): Promise<void> {
    const { switches } = this.parts;
    if (one.target === undefined) return;
    switches.note(one, { kind: 'probe-sent' });
    const status = await link.request('OPTIONS', destinationOf('', one.target), {}, timeoutMs);
    if (status > 0) switches.note(one, { kind: 'probe-response', status });
    else if (link.isUp) switches.note(one, { kind: 'probe-timeout' });
  }
}
