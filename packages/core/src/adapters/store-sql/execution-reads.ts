import type {
  Execution,
  ExecutionLogEntry,
  ExecutionTransition,
  SlotSkip,
} from '../../run/executions/execution.ts';
import type {
  ExecutionQuery,
  ExecutionStatistics,
  HistoryPlan,
} from '../../run/executions/execution-store.ts';
import { BackupReads } from './backup-reads.ts';
import { executionQueries, executionQueryParts, percentile } from './execution-queries.ts';
import { fromExecutionRow, fromLogRow, fromTransitionRow } from './execution-row.ts';
import { executionStatements } from './executions-table.ts';
import { boundedLimit } from './query-shape.ts';
import { present } from './row-values.ts';
import { fromSkipRow, skipStatements, slotsSince } from './skips-table.ts';
import { sqliteDialect } from './sql-statement.ts';

/** What is read of executions and skipped slots. */
export abstract class ExecutionReads extends BackupReads {
  protected readonly executions = executionStatements(sqliteDialect);
  protected readonly skips = skipStatements(sqliteDialect);
  readonly #queries = executionQueries(sqliteDialect);

  async findExecution(id: string): Promise<Execution | undefined> {
    const row = this.read((database) => database.first(this.executions.find, { execution_id: id }));
    return row === undefined ? undefined : fromExecutionRow(row);
  }

  async findByIdempotencyKey(jobId: string, key: string): Promise<Execution | undefined> {
    const values = { job_id: jobId, idempotency_key: key };
    const row = this.read((database) => database.first(this.executions.findByKey, values));
    return row === undefined ? undefined : fromExecutionRow(row);
  }

  async readActive(): Promise<readonly Execution[]> {
    const { running, ready } = this.executions;
    const rows = this.read((database) => [...database.all(running, {}), ...database.all(ready, {})]);
    return rows.sort((a, b) => a.created_at - b.created_at).map(fromExecutionRow);
  }

  async queryExecutions(query: ExecutionQuery): Promise<{ items: readonly Execution[]; total: number }> {
    const { filters, values } = executionQueryParts(query);
    const { items, count } = this.#queries(filters);
    return this.read((database) => ({
      items: database.all(items, values).map(fromExecutionRow),
      total: database.first(count, values)?.count ?? 0,
    }));
  }

  async readTransitions(executionId: string): Promise<readonly ExecutionTransition[]> {
    const { transitions } = this.executions;
    return this.read((database) => database.all(transitions, { execution_id: executionId })).map(
      fromTransitionRow,
    );
  }

  async readLog(executionId: string): Promise<readonly ExecutionLogEntry[]> {
    return this.read((database) => database.all(this.executions.log, { execution_id: executionId })).map(
      fromLogRow,
    );
  }

  async readSkips(targetId: string, limit: number): Promise<readonly SlotSkip[]> {
    const values = { target_id: targetId, limit: boundedLimit(limit) };
    return this.read((database) => database.all(this.skips.newest, values)).map(fromSkipRow);
  }

  async countSlots(targetId: string, sinceMs: number): Promise<{ executions: number; skips: number }> {
    const skipped = { target_id: targetId, since: sinceMs };
    return this.read((database) => {
      const across = database.all(this.skips.across, skipped).map(fromSkipRow);
      const whole = database.first(this.skips.sumSince, skipped)?.slots ?? 0;
      const counted = database.first(this.executions.countSlots, { job_id: targetId, since: sinceMs });
      return {
        executions: counted?.count ?? 0,
        skips: across.reduce((sum, skip) => sum + slotsSince(skip, sinceMs), whole),
      };
    });
  }

  async readStatistics(targetId: string, sinceMs: number): Promise<ExecutionStatistics> {
    const values = { job_id: targetId, since: sinceMs };
    const { countSuccess, countFailed, countStopped, durations } = this.executions;
    return this.read((database) => {
      const succeeded = database.first(countSuccess, values)?.count ?? 0;
      const failed = database.first(countFailed, values)?.count ?? 0;
      const stopped = database.first(countStopped, values)?.count ?? 0;
      const sorted = database.all(durations, values).map((row) => row.duration_ms);
      sorted.sort((a, b) => a - b);
      return {
        runs: succeeded + failed + stopped,
        succeeded,
        failed,
        stopped,
        ...present('p50Ms', percentile(sorted, 0.5)),
        ...present('p95Ms', percentile(sorted, 0.95)),
      };
    });
  }

  async planHistory(olderThanMs: number): Promise<HistoryPlan> {
    const values = { older_than: olderThanMs };
    return this.read((database) => {
      const history = database.first(this.executions.oldHistory, values);
      const logEntries = database.first(this.executions.oldLog, values)?.entries ?? 0;
      return {
        olderThanMs,
        executions: history?.executions ?? 0,
        logEntries,
        outputFiles: history?.files ?? 0,
      };
    });
  }
}
