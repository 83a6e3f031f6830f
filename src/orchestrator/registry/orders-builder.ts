// Numbers the orders of each application: a new number only where something other than the passing of time has changed, so that who
// waits for news is not woken by a clock.
import { type Amounts, resourceNames } from '../../congestion/amounts.ts';
import type { Orders } from '../../congestion/orders.ts';
import { type OrdersContent, ordersAt, toldContent } from './orders-content.ts';

export interface OrdersBuilderOptions {
  readonly orchestrator: string;
  /** How long orders hold unless they are told again, seconds. */
  readonly validitySeconds: number;
  /** Above every number of the process before; default: 1. */
  readonly firstSequence?: number;
}

/** What is free on the host moves all the time. It is news where it has moved by this part of what the application may have. */
const newsRatio = 0.05;

interface Told {
  readonly content: OrdersContent;
  readonly sequence: number;
  /** What was free when the number was given. */
  readonly available: Amounts;
}

export class OrdersBuilder {
  private readonly options: OrdersBuilderOptions;
  private readonly told = new Map<string, Told>();
  private next: number;

  constructor(options: OrdersBuilderOptions) {
    this.options = options;
    this.next = options.firstSequence ?? 1;
  }

  /** The orders at this moment; `isNew`: they are others than before. */
  build(content: OrdersContent, nowMs: number): { readonly orders: Orders; readonly isNew: boolean } {
    const fits = toldContent(content);
    const before = this.told.get(content.application);
    const isNew = before === undefined || isNews(before, fits);
    const sequence = isNew ? this.next++ : before.sequence;
    // Small movements add up until they are news.
    const available = isNew ? fits.allocation.available : before.available;
    this.told.set(content.application, { content: fits, sequence, available });
    return { orders: this.at(fits, sequence, nowMs), isNew };
  }

  /** The orders that were built last, with their spans as they are now; undefined where there are none. */
  current(application: string, nowMs: number): Orders | undefined {
    const told = this.told.get(application);
    return told === undefined ? undefined : this.at(told.content, told.sequence, nowMs);
  }

  forget(application: string): void {
    this.told.delete(application);
  }

  private at(content: OrdersContent, sequence: number, nowMs: number): Orders {
    return ordersAt(content, { ...this.options, sequence }, nowMs);
  }
}

function isNews(before: Told, after: OrdersContent): boolean {
  const { available, maximum } = after.allocation;
  return hasMoved(before.available, available, maximum) || timeless(before.content) !== timeless(after);
}

function hasMoved(before: Amounts, after: Amounts, reference: Amounts): boolean {
  return resourceNames.some((name) => {
    const [was, is] = [before[name], after[name]];
    if (was === undefined || is === undefined) return was !== is;
    return Math.abs(is - was) > newsRatio * Math.max(was, is, reference[name] ?? 0);
  });
}

// Moments stay what they are while time passes; only `available` is compared by how far it has moved.
function timeless(content: OrdersContent): string {
  return JSON.stringify({ ...content, allocation: { ...content.allocation, available: undefined } });
}
