// What the edge does with each message of RFC 4475 §3 that a customer sends it in a UDP datagram and that load control
// admits. `test/fixtures/rfc4475/<file>.dat` is the message, bit by bit as in appendix A of the RFC.

import type { TortureRow } from './torture-row.ts';
import { tortureSemantics } from './torture-semantics.ts';
import { tortureSyntax } from './torture-syntax.ts';

/** All 49, in the order of the RFC's sections. */
export const torture: readonly TortureRow[] = [...tortureSyntax, ...tortureSemantics];
