/** Whether the spreadsheet of the system can be reached; name of the specification. */
export const CHECK_GOOGLE_SHEETS = 'google_sheets';
/** Whether the data repository can be read and written; name of the specification. */
export const CHECK_REPOSITORY_HEALTH = 'repository_health';
/** Whether the broker answers; name of the specification. */
export const CHECK_BROKER_HEARTBEAT = 'broker_heartbeat';
/** Whether the ETEDA loop keeps its pace; name of the specification. */
export const CHECK_ETEDA_LOOP_LATENCY = 'eteda_loop_latency';
