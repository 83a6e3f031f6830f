// What limits an application from outside: its cgroup, its virtual machine, or nothing (advise). An adapter reads what is really
// in force and sets it; what ought to be in force is decided elsewhere and compared with that (reconcile.ts).
import type { Amounts } from '../../congestion/amounts.ts';

export interface Limits {
  /** Upper limits; a resource that is left out is not limited by us. */
  readonly limits: Amounts;
  /** Dumped: it does not run, and loses nothing that it has in memory. */
  readonly isSuspended: boolean;
}

export interface AdapterState extends Limits {
  /** Used by the application now, smoothed by nobody; resources that cannot be seen are left out. */
  readonly used: Amounts;
  /** The most that it could get without us: the size of its virtual machine, or of the group above it. */
  readonly maximum: Amounts;
}

export interface Adapter {
  readonly kind: 'cgroup' | 'libvirt' | 'advise';
  /** The resources whose limits it can set. */
  readonly canLimit: readonly (keyof Amounts)[];
  /** What is really there. Rejects with one line of reason. */
  read(): Promise<AdapterState>;
  /**
   * Makes exactly these limits hold: sets those named, lifts those of ours that are not. All or nothing: where a part fails, what was
   * there before is put back, and the promise rejects with one line of reason. A limit comes out as near as the thing allows (whole
   * pages, whole processors, never so little memory that somebody is killed): `read` says how.
   */
  apply(wanted: Limits): Promise<void>;
  /** Ends what it has started for itself (a process, an empty group); what is in force stays in force. Never rejects. */
  close(): Promise<void>;
}
