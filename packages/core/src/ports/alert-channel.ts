/**
 * Where alerts go: the protocol of the specification, two verbs.
 * A channel keeps secrets out of its own errors; the caller keeps them out of the message.
 */
export interface AlertChannel {
  sendCritical(message: string): void | Promise<void>;
  sendWarning(message: string): void | Promise<void>;
}
