// A wait that can be cut short.

export class Pause {
  private readonly isUnref: boolean;
  private timer: NodeJS.Timeout | undefined;
  private end: (() => void) | undefined;

  constructor(isUnref: boolean) {
    this.isUnref = isUnref;
  }

  /** One at a time. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.end = resolve;
      this.timer = setTimeout(resolve, ms);
      if (this.isUnref) this.timer.unref();
    });
  }

  wake(): void {
    clearTimeout(this.timer);
    this.end?.();
  }
}
