import type { Client } from 'pg';

/** What is asked of a server beside the query. */
export interface PostgresQuestions {
  readonly query: string;
  readonly replication: boolean;
  readonly age: boolean;
  readonly connections: boolean;
}

/** What a server told. */
export interface PostgresFacts {
  /** First value of the first row of the query, where it is a number. */
  readonly value?: number;
  readonly rows: number;
  /** How far the slowest replica, or this one, is behind, seconds; absent where that cannot be told. */
  readonly lagSeconds?: number;
  /** Replicas that are connected; absent on a replica. */
  readonly replicas?: number;
  /** Part of the transaction numbers that is used up before old rows must be frozen, percent. */
  readonly agePercent?: number;
  /** Part of the allowed connections that is in use, percent. */
  readonly connectionsPercent?: number;
}

// A replica that lost its connection has replayed all it received and is behind nevertheless.
const REPLICATION = `
  SELECT pg_is_in_recovery() AS replica,
    CASE WHEN pg_is_in_recovery()
      THEN CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
          AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
        ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END
      ELSE (SELECT max(extract(epoch FROM replay_lag)) FROM pg_stat_replication) END AS lag,
    (SELECT count(*) FROM pg_stat_replication) AS replicas`;
const AGE = 'SELECT max(age(datfrozenxid)) / 2147483648.0 * 100 AS value FROM pg_database';
const CONNECTIONS = `
  SELECT count(*) * 100.0 / current_setting('max_connections')::int AS value
  FROM pg_stat_activity WHERE backend_type = 'client backend'`;

/** Asks the questions one after another. */
export async function askPostgres(client: Client, questions: PostgresQuestions): Promise<PostgresFacts> {
  const { rows, rowCount } = await client.query<Record<string, unknown>>({ text: questions.query });
  const [first] = rows;
  const value = first === undefined ? undefined : numberOf(Object.values(first)[0]);
  const replication = questions.replication ? await askReplication(client) : {};
  const agePercent = questions.age ? await askNumber(client, AGE) : undefined;
  const connectionsPercent = questions.connections ? await askNumber(client, CONNECTIONS) : undefined;
  return {
    rows: rowCount ?? rows.length,
    ...(value === undefined ? {} : { value }),
    ...replication,
    ...(agePercent === undefined ? {} : { agePercent }),
    ...(connectionsPercent === undefined ? {} : { connectionsPercent }),
  };
}

async function askReplication(client: Client): Promise<Pick<PostgresFacts, 'lagSeconds' | 'replicas'>> {
  const { rows } = await client.query<Record<string, unknown>>(REPLICATION);
  const { replica, lag, replicas } = rows[0] ?? {};
  const lagSeconds = numberOf(lag);
  const count = numberOf(replicas);
  return {
    ...(lagSeconds === undefined ? {} : { lagSeconds }),
    ...(replica === true || count === undefined ? {} : { replicas: count }),
  };
}

async function askNumber(client: Client, query: string): Promise<number | undefined> {
  const { rows } = await client.query<Record<string, unknown>>(query);
  return numberOf(rows[0]?.['value']);
}

/** The client gives large and exact numbers as texts. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
