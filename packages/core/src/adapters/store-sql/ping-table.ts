import type { PingChange, PingState } from '../../watch/health/ping.ts';
import { present } from './row-values.ts';
import { pick, type SqlDialect } from './sql-statement.ts';
import { type Step, step } from './store-step.ts';

/** A row of `ping_state`. */
export interface PingRow {
  ping_key: string;
  seen_at: number;
  ended_at: number | null;
  outcome: string | null;
  exit_code: number | null;
  started_at: number | null;
  run_id: string | null;
  body: string | null;
}

const COLUMNS: ReadonlyArray<keyof PingRow> = [
  'ping_key',
  'seen_at',
  'ended_at',
  'outcome',
  'exit_code',
  'started_at',
  'run_id',
  'body',
];

/** Compiles every statement about signs of life. */
export function pingStatements({ statement }: SqlDialect) {
  return {
    put: statement((db, p: PingRow) =>
      db
        .insertInto('ping_state')
        .values(pick(p, COLUMNS))
        .onConflict((on) => on.column('ping_key').doUpdateSet(pick(p, COLUMNS.slice(1)))),
    ),
    all: statement((db, _: object) => db.selectFrom('ping_state').selectAll().orderBy('ping_key')),
  };
}

/** The write of one sign of life. */
export function pingSteps({ put }: ReturnType<typeof pingStatements>, { ping }: PingChange): readonly Step[] {
  return [
    step(put, {
      ping_key: ping.key,
      seen_at: ping.seenAtMs,
      ended_at: ping.endedAtMs ?? null,
      outcome: ping.outcome ?? null,
      exit_code: ping.exitCode ?? null,
      started_at: ping.startedAtMs ?? null,
      run_id: ping.runId ?? null,
      body: ping.body ?? null,
    }),
  ];
}

/** What a row says. */
export function fromPingRow(row: PingRow): PingState {
  return {
    key: row.ping_key,
    seenAtMs: row.seen_at,
    ...present('endedAtMs', row.ended_at),
    // The table's checks admit no other word.
    ...present('outcome', row.outcome as PingState['outcome']),
    ...present('exitCode', row.exit_code),
    ...present('startedAtMs', row.started_at),
    ...present('runId', row.run_id),
    ...present('body', row.body),
  };
}
