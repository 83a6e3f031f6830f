// One row of the table of RFC 4475: a message, and what becomes of it.

/**
 * - `forward`: sent on to a switch; `answer`: the edge answers for itself; `reject`: answered with a failure.
 * - `drop`: a request that gets no answer; `response:…`: what becomes of a response.
 */
export type Verdict =
  | 'forward'
  | `answer:${number}`
  | `reject:${number}`
  | 'drop'
  | 'response:forward'
  | 'response:drop';

/** What `parseMessage` makes of it: `fine`, or the status of its fault. */
export type ParseVerdict = 'fine' | 400 | 416 | 505;

export interface TortureRow {
  /** Without `.dat`. */
  readonly file: string;
  readonly section: string;
  readonly title: string;
  readonly proxy: Verdict;
  /** Verdicts that the RFC allows as well. */
  readonly also?: readonly Verdict[];
  readonly parse: ParseVerdict;
  readonly why: string;
}
