/** Whether our own connection is down, for whoever had better wait than try over a network that is not there. */
export interface NetworkIsolation {
  /** True while so many reference checks fail that the fault is on our side; false where no references are configured. */
  isIsolated(): boolean;
  /**
   * Calls the listener with the new reading after each change, never with the same reading twice in a row; returns
   * what ends it. A listener that throws keeps no other from being called.
   */
  onIsolationChange(listener: (isolated: boolean) => void): () => void;
}
