// peek, which decides on every request, and parseMessage, which admitted ones go through, must see the same message.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseMessage } from '../../src/sip/parse.ts';
import { disagreements } from './agreement.ts';
import { edits, generated, mutate } from './generate.ts';
import { torture } from './torture-table.ts';

function check(bytes: Buffer): void {
  const found = disagreements(bytes, parseMessage(bytes, 0, bytes.length));
  if (found.length > 0) throw new Error(`${found.join('\n')}\n${JSON.stringify(bytes.toString('latin1'))}`);
}

it('agree on every message of RFC 4475', () => {
  for (const { file } of torture) {
    const bytes = readFileSync(new URL(`../fixtures/rfc4475/${file}.dat`, import.meta.url));
    expect(disagreements(bytes, parseMessage(bytes, 0, bytes.length)), file).toEqual([]);
  }
});

it('agree on generated messages', () => {
  fc.assert(
    fc.property(generated, (g) => check(g.bytes)),
    { numRuns: 1500 },
  );
});

it('agree on mutated messages', () => {
  fc.assert(
    fc.property(generated, edits, (g, list) => check(mutate(g.bytes, list))),
    { numRuns: 4000 },
  );
});
