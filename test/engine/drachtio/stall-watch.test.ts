import { describe, expect, it } from 'vitest';
import { createStallWatch } from '../../../src/engine/drachtio/stall-watch.ts';

describe('the stall watch', () => {
  it('tells by how much a look was late, where that is worth a word', () => {
    const stalls = createStallWatch(250, 1_000, 0);
    expect(stalls.look(250)).toBe(0);
    expect(stalls.look(1_499)).toBe(0);
    expect(stalls.look(2_749)).toBe(1_000);
    expect(stalls.look(2_999)).toBe(0);
  });
});
