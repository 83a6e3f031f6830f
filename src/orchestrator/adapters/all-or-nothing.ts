// Takes steps one after the other; where one fails, takes back those before it and what it may have done itself by half, the last first.

export interface Step {
  /** What it sets, for the reason of a failure. */
  readonly what: string;
  run(): Promise<void>;
  /** Puts back what was there before `run`; must do no harm where `run` has done nothing. */
  undo(): Promise<void>;
}

/** Rejects with one line of reason, which also says where putting back has failed: then what is there has to be read again. */
export async function allOrNothing(steps: readonly Step[]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    try {
      await step.run();
    } catch (error) {
      const left = await takeBack(steps.slice(0, index + 1));
      const rest = left.length === 0 ? '' : `; not put back: ${left.join(', ')}`;
      throw new Error(`${step.what}: ${oneLine(error)}${rest}`);
    }
  }
}

/** Names of the steps that could not be taken back. */
async function takeBack(steps: readonly Step[]): Promise<string[]> {
  const left: string[] = [];
  for (const step of steps.toReversed()) {
    try {
      await step.undo();
    } catch {
      left.push(step.what);
    }
  }
  return left;
}

const longestReason = 300;

/** What an error says, in one line of bounded length. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim().slice(0, longestReason);
}
