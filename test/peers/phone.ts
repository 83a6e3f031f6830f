// A user agent of somebody else's making, as the tests of clients see it: it is registered, and answers every call.

export interface Reply {
  /** Of the final response to the INVITE. */
  readonly status: number;
  /** Its Retry-After (RFC 3261 §20.33), where it had one. */
  readonly retryAfterSeconds?: number;
}

export interface Phone {
  readonly user: string;
  /** Calls `user` and resolves with the final response; a call that is answered is then up. */
  call(user: string): Promise<Reply>;
  /** The Resource-Priority of the `nth` call that came in and is answered, waiting for it; '' where it had none. */
  called(nth: number): Promise<string>;
  /** Ends the call that is up, whoever began it. */
  hangUp(): Promise<void>;
  /** Resolves once no call is up: the other end has hung up. */
  idle(): Promise<void>;
}
