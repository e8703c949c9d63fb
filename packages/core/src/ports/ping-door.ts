/** One sign of life as it came through the door, not yet checked. */
export interface DoorSign {
  readonly kind: 'start' | 'success' | 'fail' | 'log';
  readonly exitCode?: number | undefined;
  /** At most `bodyMaxBytes`. */
  readonly body: string;
  readonly runId?: string | undefined;
}

/** How a door is opened. */
export interface PingDoorOptions {
  readonly host: string;
  /** 0 … 65535; 0 lets the system choose. */
  readonly port: number;
  /** The key behind the secret of an address; undefined for a secret that nobody knows. */
  readonly keyOf: (secret: string) => string | undefined;
  readonly bodyMaxBytes: number;
  /** Puts a sign on record. @throws an OpsException that says what is wrong with it, or what kept it from being written. */
  readonly take: (key: string, sign: DoorSign) => Promise<void>;
}

/** A door that is open. */
export interface PingDoor {
  readonly port: number;
  /** False once it closed by itself, after a fault of the network. */
  readonly isOpen: () => boolean;
  /** Ends every connection. Repeatable. */
  close(): Promise<void>;
}

/** Opens a door for pings of other hosts. @throws the error of the system when the address cannot be had. */
export type OpenPingDoor = (options: PingDoorOptions) => Promise<PingDoor>;
