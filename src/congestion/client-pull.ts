// Fetches orders as they change for as long as a session lasts, in the way that pull-state.ts chooses.
import type { Connection, HttpFailure } from './client-connection.ts';
import type { NotTaken } from './client-ledger.ts';
import { readStream } from './client-stream.ts';
import { Pause } from './pause.ts';
import { initialPull, type PullResult, type PullState, type PullWay, pauseMs, stepPull } from './pull-state.ts';

/** How long a poll asks the orchestrator to wait, s. */
const pollSeconds = 20;

export interface PullerOptions {
  readonly connection: Connection;
  /** The JSON of orders; returns their sequence number, or why they are not what they should be. */
  readonly take: (text: string) => number | NotTaken;
  /** Of the newest orders that are known. */
  readonly lastSequence: () => number;
  readonly onWay: (way: PullWay) => void;
  /** A stream or poll found nobody, was cut off, or told what it should not: the next report shows whether we are still known. */
  readonly onBreak: () => void;
  /** It is there, whatever it says. */
  readonly onContact: () => void;
  readonly isUnref: boolean;
}

interface Run {
  isOver: boolean;
  readonly pause: Pause;
  abort: () => void;
}

export class Puller {
  private readonly options: PullerOptions;
  private run: Run | undefined;
  private state: PullState = initialPull;

  constructor(options: PullerOptions) {
    this.options = options;
  }

  get way(): PullWay {
    return this.run === undefined ? 'none' : this.state.way;
  }

  /** For a new session. */
  begin(): void {
    this.end();
    this.state = initialPull;
    this.run = { isOver: false, pause: new Pause(this.options.isUnref), abort: () => undefined };
    void this.loop(this.run);
  }

  end(): void {
    if (this.run === undefined) return;
    this.run.isOver = true;
    this.run.abort();
    this.run.pause.wake();
    this.run = undefined;
  }

  private async loop(run: Run): Promise<void> {
    while (!run.isOver) {
      const { way } = this.state;
      const result = await this.once(way, run);
      if (run.isOver) return;
      const next = stepPull(this.state, result, Math.random());
      this.state = next.state;
      if (next.state.way !== way) this.options.onWay(next.state.way);
      if (result === 'no-answer' || result === 'wrong' || (result === 'worked' && way === 'events'))
        this.options.onBreak();
      await run.pause.wait(next.waitMs);
    }
  }

  private async once(way: PullWay, run: Run): Promise<PullResult> {
    switch (way) {
      case 'events':
        return this.stream(run);
      case 'poll':
        return this.poll(run);
      case 'none':
        await run.pause.wait(pauseMs);
        return 'paused';
    }
  }

  private async stream(run: Run): Promise<PullResult> {
    const { connection, take, onContact, isUnref } = this.options;
    const opened = await connection.open('events');
    if ('failure' in opened) return resultOf(opened.failure);
    run.abort = opened.abort;
    if (run.isOver) run.abort();
    else onContact();
    return readStream(opened.body, {
      take: (data) => (run.isOver ? 'no-answer' : verdictOf(take(data))),
      abort: opened.abort,
      isUnref,
    });
  }

  private async poll(run: Run): Promise<PullResult> {
    const { connection, take, lastSequence, onContact } = this.options;
    const after = lastSequence();
    const startedMs = performance.now();
    const query = `?after=${after}&waitSeconds=${pollSeconds}`;
    const answer = await connection.call('orders', { query, extraMs: pollSeconds * 1000 });
    if ('failure' in answer) return resultOf(answer.failure);
    if (answer.value === undefined) {
      // one that answers `nothing new` at once would be asked without end
      return performance.now() - startedMs < pollSeconds * 500 ? 'wrong' : 'worked';
    }
    if (run.isOver) return 'no-answer';
    onContact();
    const taken = take(JSON.stringify(answer.value));
    // an orchestrator that does not mind `after` would be asked without end
    return verdictOf(taken) ?? (Number(taken) > after ? 'worked' : 'wrong');
  }
}

/** Another session says that we have lost ours, not that this way is no good. */
function verdictOf(taken: number | NotTaken): PullResult | undefined {
  if (typeof taken === 'number') return undefined;
  return taken === 'session' ? 'no-answer' : 'wrong';
}

function resultOf({ kind, status, problem }: HttpFailure): PullResult {
  // the answer to the next report says the same
  if (problem === 'urn:surgegate:problem:not-registered') return 'no-answer';
  if (kind === 'invalid') return 'wrong';
  return kind === 'status' && status !== undefined && status < 500 ? 'not-offered' : 'no-answer';
}
