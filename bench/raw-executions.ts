import { DatabaseSync } from 'node:sqlite';

/** Executions as a program without checks would write them by hand. */
export interface RawExecutions {
  /** Starts and ends `count` executions one after another, two commits each, with an audit row. */
  oneByOne(count: number): void;
  /** Starts `count` executions of as many targets in one commit. */
  startAtOnce(count: number): void;
  close(): void;
}

/**
 * The floor of any implementation on this database: as many rows as ours, one index a table, no constraints, no
 * triggers, no chain of hashes, ids in order.
 */
export function openRawExecutions(path: string): RawExecutions {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode=wal; pragma synchronous=full');
  database.exec(`create table execution (id text primary key, status text, body text) strict;
    create table transition (id text, status text, at integer) strict;
    create table audit (seq integer primary key, body text) strict;
    create table state (id text primary key, revision integer) strict;
    insert into state values ('t', 0)`);
  const insert = database.prepare('insert into execution values (?, ?, ?)');
  const step = database.prepare('insert into transition values (?, ?, ?)');
  const audit = database.prepare('insert into audit (body) values (?)');
  const update = database.prepare('update execution set status = ? where id = ? and status = ?');
  const state = database.prepare('update state set revision = revision + 1 where id = ?');
  const body = JSON.stringify({ owner: 'x'.repeat(200) });
  let last = 0;
  const start = (): string => {
    last += 1;
    const id = `execution-${last}`;
    insert.run(id, 'RUNNING', body);
    step.run(id, 'READY', last);
    step.run(id, 'RUNNING', last);
    return id;
  };
  return {
    oneByOne: (count) => {
      for (let n = 0; n < count; n++) {
        database.exec('begin immediate');
        const id = start();
        audit.run(body);
        database.exec('commit; begin immediate');
        update.run('SUCCESS', id, 'RUNNING');
        step.run(id, 'SUCCESS', last);
        state.run('t');
        database.exec('commit');
      }
    },
    startAtOnce: (count) => {
      database.exec('begin immediate');
      for (let n = 0; n < count; n++) {
        start();
        state.run('t');
      }
      database.exec('commit');
    },
    close: () => database.close(),
  };
}
