/** Name of the check that a spreadsheet service answers. */
export const CHECK_GOOGLE_SHEETS = 'google_sheets';

/** Name of the check that the data repository can be read and written. */
export const CHECK_REPOSITORY_HEALTH = 'repository_health';

/** Name of the check that the broker connection is alive. */
export const CHECK_BROKER_HEARTBEAT = 'broker_heartbeat';

/** Name of the check that one cycle of the trading loop takes no longer than it should. */
export const CHECK_ETEDA_LOOP_LATENCY = 'eteda_loop_latency';
