// Sees that the event loop was late: while it was, the drachtio-server's messages waited, and past what its socket holds (some 8 MB)
// it writes them into each other.

export interface StallWatch {
  /** To be called every `everyMs`. Returns by how much it was late, ms; 0 where that is less than is worth a word. */
  look(nowMs: number): number;
}

export function createStallWatch(everyMs: number, worthMs: number, startMs: number): StallWatch {
  let lookedMs = startMs;
  return {
    look(nowMs) {
      const lateMs = nowMs - lookedMs - everyMs;
      lookedMs = nowMs;
      return lateMs >= worthMs ? lateMs : 0;
    },
  };
}
