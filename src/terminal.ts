// What the commands use of a terminal, or of the pipe or file in its place.

/** What of a `tty.WriteStream` is used; a pipe or a file has only `write`. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  hasColors?(): boolean;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** Whether a cursor can be moved on it (terminfo has a `dumb` one that cannot). */
export function isScreen(out: Output, environment: NodeJS.ProcessEnv): boolean {
  return out.isTTY === true && environment.TERM !== 'dumb';
}
