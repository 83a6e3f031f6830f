// All that is ordered of the edge from outside, by its operators and through orchestrators, joined for the Control Function; and
// what of it the pipeline itself carries out: drains, shadow mode.
import { joinGaps } from '../control/operator-controls.ts';
import type { Orders } from '../control/orders.ts';
import type { EdgeParts } from '../edge/parts.ts';
import type { OperatorOrders } from './operator-orders.ts';
import type { OrchestratorLinks } from './orchestrator-links.ts';

export class StandingOrders {
  private readonly parts: Pick<EdgeParts, 'switches' | 'isDraining' | 'isShadow'>;
  private readonly operator: Pick<OperatorOrders, 'gaps' | 'controls'>;
  private readonly links: () => Pick<OrchestratorLinks, 'orders'>;
  private readonly isShadow: () => boolean;
  private isEnding = false;

  /** `links`: may be others later than now; `isShadow`: what configuration says. */
  constructor(
    parts: Pick<EdgeParts, 'switches' | 'isDraining' | 'isShadow'>,
    operator: Pick<OperatorOrders, 'gaps' | 'controls'>,
    links: () => Pick<OrchestratorLinks, 'orders'>,
    isShadow: () => boolean,
  ) {
    this.parts = parts;
    this.operator = operator;
    this.links = links;
    this.isShadow = isShadow;
  }

  /** In force now; drains and shadow mode are carried out. With every sample, and when an order has changed. */
  orders(): Orders {
    const linked = this.links().orders();
    const { mode, drain, shadow, drainedSwitches } = this.operator.controls();
    this.parts.isDraining = this.isEnding || drain !== undefined || linked.isDraining;
    this.parts.isShadow = shadow?.on ?? this.isShadow();
    for (const one of this.parts.switches.all) {
      const isDrained = drainedSwitches.has(one.name);
      if (one.isDrained !== isDrained) one.drain(isDrained);
    }
    return {
      mode: linked.mode,
      override: mode?.mode,
      boundaryPerSecond: linked.boundary.callsPerSecond,
      reductionRatio: linked.reductionRatio,
      gaps: joinGaps(this.operator.gaps(), linked.gaps),
    };
  }

  /** The process is to end: no order opens it again. */
  end(): void {
    this.isEnding = true;
    this.parts.isDraining = true;
  }
}
