// What the application wants said besides reports. One of a kind waits at a time: a newer takes its place, since what it says has
// replaced what the older said.

export interface Outgoing {
  readonly route: 'request' | 'notify';
  readonly body: object;
  /** Called once: with the answer, or undefined where there is none. */
  readonly done: (answer: unknown) => void;
}

export class Outbox {
  private readonly waiting = new Map<string, Outgoing>();

  /** `kind`: of the message. Resolves to the answer, or to undefined where none came or a newer took the place. */
  put(kind: string, route: Outgoing['route'], body: object): Promise<unknown> {
    return new Promise((done) => {
      this.waiting.get(kind)?.done(undefined);
      this.waiting.set(kind, { route, body, done });
    });
  }

  /** The one that was put first, which waits no longer. */
  take(): Outgoing | undefined {
    const [first] = this.waiting;
    if (first === undefined) return undefined;
    this.waiting.delete(first[0]);
    return first[1];
  }

  clear(): void {
    for (const { done } of this.waiting.values()) done(undefined);
    this.waiting.clear();
  }
}
