// What second autonomous systems say of themselves (the seed's east and west sides), while it is valid. A peer of which nothing is
// known, because it says nothing or cannot be reached, counts as nothing: its silence is no crisis.
import type { PeerReport } from '../congestion/north-messages.ts';
import type { RunningMode } from '../control/throttle.ts';
import { type Instances, turnOf } from './registry/instances.ts';

export interface PeerSettings {
  readonly name: string;
  /** The mode that its crisis proposes here. */
  readonly proposes: RunningMode;
}

export interface PeerState extends PeerSettings {
  readonly mode: RunningMode;
  readonly causes: readonly string[];
}

interface Heard {
  readonly mode: RunningMode;
  readonly causes: readonly string[];
  /** By the local monotonic clock, ms. */
  readonly endsMs: number;
}

export class Peers {
  private readonly settings: readonly PeerSettings[];
  private readonly instances = new Map<string, Instances>();
  private readonly heard = new Map<string, Heard>();

  constructor(settings: readonly PeerSettings[]) {
    this.settings = settings;
  }

  /** A report that it has sent. False: a duplicate, late, or of nobody who is configured; it changes nothing. */
  take(name: string, { instance, sequence, validitySeconds, mode, causes }: PeerReport, nowMs: number): boolean {
    if (!this.settings.some((one) => one.name === name)) return false;
    const { turn, instances } = turnOf(this.instances.get(name), instance, sequence);
    if (turn === 'out-of-turn') return false;
    this.instances.set(name, instances);
    this.heard.set(name, { mode, causes, endsMs: nowMs + validitySeconds * 1000 });
    return true;
  }

  /** Its mode as it has answered it: the newest there is, since answers come in the order in which they were asked for. */
  answered(name: string, mode: RunningMode, causes: readonly string[], validityMs: number, nowMs: number): void {
    this.heard.set(name, { mode, causes, endsMs: nowMs + validityMs });
  }

  /** Of whom there is something valid. */
  states(nowMs: number): readonly PeerState[] {
    return this.settings.flatMap(({ name, proposes }) => {
      const heard = this.heard.get(name);
      if (heard === undefined || heard.endsMs <= nowMs) return [];
      return [{ name, proposes, mode: heard.mode, causes: heard.causes }];
    });
  }
}
