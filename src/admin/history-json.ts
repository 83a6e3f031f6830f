// What GET /v1/history says: rates of the last seconds or of the last hour, in columns; and one row of it, for who listens.

/** New calls of all classes per second. */
export interface CallRates<T> {
  readonly offered: T;
  readonly admitted: T;
  readonly refused: T;
  /** Answered with 2xx. */
  readonly completed: T;
}

export interface SwitchRates<T, N> {
  /** New calls of all classes per second that wanted to go to it. */
  readonly demand: T;
  /** Answered with 2xx. */
  readonly answered: T;
  /** Null: not known. */
  readonly capacity: N;
}

/** `T`: numbers; `N`: numbers or null for what is not limited or not known. */
interface Rows<T, N> {
  /** Unix time in whole seconds, at the end of the row; the oldest first. */
  readonly at: T;
  /** 0 to 3. */
  readonly mode: T;
  readonly boundaryPerSecond: N;
  readonly ordinaryCallsPerSecond: N;
  readonly interfaces: Readonly<Record<string, CallRates<T>>>;
  /** Priority and emergency calls of all interfaces. */
  readonly priority: CallRates<T>;
  readonly switches: Readonly<Record<string, SwitchRates<T, N>>>;
}

/** Columns of the same length. In rows of 10 s rates are means, the mode the highest and limits the least of the ten. */
export interface HistoryJson extends Rows<readonly number[], readonly (number | null)[]> {
  readonly stepSeconds: 1 | 10;
}

export interface HistoryRow extends Rows<number, number | null> {
  readonly stepSeconds: 1;
}
