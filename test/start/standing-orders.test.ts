import { describe, expect, it } from 'vitest';
import { GapTable } from '../../src/admission/gaps.ts';
import { noBoundary } from '../../src/control/boundary.ts';
import { noOrders } from '../../src/control/orders.ts';
import { type LinkOrders, noLinkOrders } from '../../src/start/link-orders.ts';
import { StandingOrders } from '../../src/start/standing-orders.ts';
import { operatorOrders } from '../admin/options.ts';

class FakeSwitch {
  isDrained = false;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  drain(is: boolean): void {
    this.isDrained = is;
  }
}

function setUp() {
  const clock = { nowMs: 0 };
  const { orders: operator } = operatorOrders(new GapTable(), () => clock.nowMs);
  const all = [new FakeSwitch('sw1'), new FakeSwitch('sw2')];
  const parts = { isDraining: false, isShadow: false, switches: { all } };
  const configured = { isShadow: false };
  let linked: LinkOrders = noLinkOrders;
  const standing = new StandingOrders(
    parts as never,
    operator,
    () => ({ orders: () => linked }),
    () => configured.isShadow,
  );
  const link = (some: Partial<LinkOrders>): void => {
    linked = { ...noLinkOrders, ...some };
  };
  return { clock, operator, parts, all, standing, link, configured };
}
const order = { seconds: 60, reason: 'exercise' };

describe('what is ordered of the edge', () => {
  it('is nothing by itself', () => {
    const { standing, parts } = setUp();
    expect(standing.orders()).toEqual(noOrders);
    expect(parts.isDraining).toBe(false);
  });

  it('is what operators and orchestrators say, each of its own', () => {
    const { standing, operator, link } = setUp();
    operator.orderMode('L1', order, 'ann');
    operator.place({ digits: '900', passRatio: 0.5, seconds: 60 }, 'ann');
    const gap = {
      digits: '900',
      limit: { kind: 'share' as const, passRatio: 0.1 },
      cause: 'operator' as const,
      untilMs: 9e9,
    };
    link({ mode: 'L3', boundary: { ...noBoundary, callsPerSecond: 70 }, reductionRatio: 0.5, gaps: [gap] });
    expect(standing.orders()).toEqual({
      mode: 'L3',
      override: 'L1',
      boundaryPerSecond: 70,
      reductionRatio: 0.5,
      gaps: [gap],
    });
  });

  it('ends with its time', () => {
    const { standing, operator, clock, parts, all } = setUp();
    operator.orderMode('L1', order, 'ann');
    operator.drain(order, 'ann');
    operator.drainSwitch('sw2', order, 'ann');
    standing.orders();
    expect([parts.isDraining, all.map(({ isDrained }) => isDrained)]).toEqual([true, [false, true]]);
    clock.nowMs = 60_000;
    expect(standing.orders()).toEqual(noOrders);
    expect([parts.isDraining, all.map(({ isDrained }) => isDrained)]).toEqual([false, [false, false]]);
  });

  it('is shadow mode as configured, unless an operator says otherwise; so after a reload', () => {
    const { standing, operator, clock, parts, configured } = setUp();
    const isShadow = () => {
      standing.orders();
      return parts.isShadow;
    };
    expect(isShadow()).toBe(false);
    operator.orderShadow(true, order, 'ann');
    expect(isShadow()).toBe(true);
    operator.orderShadow(false, order, 'ann');
    configured.isShadow = true;
    parts.isShadow = true; // as a reload leaves it
    expect(isShadow()).toBe(false);
    clock.nowMs = 60_000;
    expect(isShadow()).toBe(true);
    operator.orderShadow(false, order, 'ann');
    expect([isShadow(), operator.liftShadow('ann'), isShadow(), operator.liftShadow('ann')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('may be a drain through an orchestrator, while its orders are valid', () => {
    const { standing, parts, link } = setUp();
    link({ isDraining: true });
    standing.orders();
    expect(parts.isDraining).toBe(true);
    link({});
    standing.orders();
    expect(parts.isDraining).toBe(false);
  });

  it('opens no edge again that is about to end', () => {
    const { standing, operator, parts } = setUp();
    operator.drain(order, 'ann');
    standing.end();
    operator.liftDrain('ann');
    standing.orders();
    expect(parts.isDraining).toBe(true);
  });
});
