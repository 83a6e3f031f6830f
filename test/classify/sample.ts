// Requests for the tests of classification: bytes as they come off a socket, peeked as the edge does.
import { expect } from 'vitest';
import { Classification, type ClassifyContext, classify } from '../../src/classify/classify.ts';
import type { Dialplan } from '../../src/classify/plan.ts';
import { type PriorityOrder, priorityOrder } from '../../src/classify/priority-order.ts';
import { loadDialplan, parseDialplan } from '../../src/dialplan/load.ts';
import { Peek, peek } from '../../src/sip/peek.ts';

export function defaultPriorityOrder(): PriorityOrder {
  const built = priorityOrder();
  if ('faults' in built) throw new Error(built.faults.join('\n'));
  return built.order;
}

export interface Sample {
  method?: string;
  uri?: string;
  toTag?: boolean;
  /** Further header lines. */
  headers?: readonly string[];
}

export function requestBytes({ method = 'INVITE', uri = 'sip:bob@example.com', toTag = false, headers = [] }: Sample) {
  const lines = [
    `${method} ${uri} SIP/2.0`,
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnashds8;rport',
    ...headers,
    'Max-Forwards: 70',
    'From: "Alice" <sip:alice@example.com>;tag=1928301774',
    `To: <sip:bob@example.com>${toTag ? ';tag=314159' : ''}`,
    'Call-ID: a84b4c76e66710@192.0.2.1',
    `CSeq: 314159 ${method}`,
    'Contact: <sip:alice@192.0.2.1>',
    'Content-Length: 0',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

export function peeked(sample: Sample): Peek {
  const bytes = requestBytes(sample);
  const p = new Peek();
  peek(p, bytes, 0, bytes.length, false);
  expect(p.fault).toBe('none');
  return p;
}

export const defaultPlan = mustLoad(loadDialplan('dialplans/default.yaml'));

export function planOf(text: string): Dialplan {
  return mustLoad(parseDialplan(text, 'test.yaml'));
}

function mustLoad(loaded: { plan: Dialplan } | { faults: string[] }): Dialplan {
  if ('faults' in loaded) throw new Error(loaded.faults.join('\n'));
  return loaded.plan;
}

export const south: ClassifyContext = {
  plan: defaultPlan,
  interfaceName: 'south',
  trustsPriority: false,
  fromCore: false,
};
export const east: ClassifyContext = { ...south, interfaceName: 'east', trustsPriority: true };
export const core: ClassifyContext = { ...south, interfaceName: 'core', trustsPriority: true, fromCore: true };

export function classified(sample: Sample, context: ClassifyContext = south): Classification {
  const out = new Classification();
  // what an earlier request left must not shine through
  Object.assign(out, {
    class: 'emergency',
    priorityRank: 99,
    route: 99,
    stripResourcePriority: true,
    insertResourcePriority: 'x.y',
    unknownRequiredPriority: true,
    refuse: { status: 699, reason: '' },
  });
  classify(peeked(sample), context, out);
  return out;
}
