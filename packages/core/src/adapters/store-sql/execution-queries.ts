import { sql } from 'kysely';
import type { ExecutionQuery } from '../../run/executions/execution-store.ts';
import { EXECUTION_COLUMNS } from './executions-table.ts';
import { boundedLimit, byShape } from './query-shape.ts';
import { literal, type SqlDialect } from './sql-statement.ts';

type Filters = Pick<ExecutionQuery, 'jobId' | 'status' | 'runType' | 'fromMs' | 'toMs'>;

interface QueryValues {
  readonly jobId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly offset: number;
}

/** Splits a query into what chooses its statements and what is bound to them. */
export function executionQueryParts(query: ExecutionQuery): { filters: Filters; values: QueryValues } {
  const { jobId, status, runType, fromMs, toMs } = query;
  return {
    filters: { jobId, status, runType, fromMs, toMs },
    values: {
      jobId: jobId ?? '',
      fromMs: fromMs ?? 0,
      toMs: toMs ?? 0,
      limit: boundedLimit(query.limit),
      offset: Math.max(0, Math.trunc(query.offset ?? 0)),
    },
  };
}

/** The page, newest first, and the count of everything the filters admit. */
export function executionQueries({ statement }: SqlDialect) {
  return byShape(['status', 'runType'], (shape, { status, runType }: Filters) => {
    const rare = status === 'FAILED' || status === 'STOPPED' || runType === 'MANUAL' || runType === 'REPLAY';
    const filtered = (db: Parameters<Parameters<typeof statement>[0]>[0], p: QueryValues) =>
      db
        .selectFrom('batch_execution')
        .$if(shape.has('jobId') && !rare, (query) => query.where('job_id', '=', p.jobId))
        // Written so that the job's own index is no candidate: it would read every row of the job.
        .$if(shape.has('jobId') && rare, (query) => query.where(sql`job_id || ''`, '=', p.jobId))
        // State and run type stand in the text, so that their partial indexes answer.
        .$if(status !== undefined, (query) => query.where('status', '=', literal(status ?? 'READY')))
        .$if(runType !== undefined, (query) => query.where('run_type', '=', literal(runType ?? 'AUTO')))
        .$if(shape.has('fromMs'), (query) => query.where('created_at', '>=', p.fromMs))
        .$if(shape.has('toMs'), (query) => query.where('created_at', '<', p.toMs));
    return {
      items: statement((db, p: QueryValues) =>
        filtered(db, p)
          .select(EXECUTION_COLUMNS)
          .orderBy('created_at', 'desc')
          .orderBy('execution_id', 'desc')
          .limit(p.limit)
          .offset(p.offset),
      ),
      count: statement((db, p: QueryValues) =>
        filtered(db, p).select((eb) => eb.fn.countAll<number>().as('count')),
      ),
    };
  });
}

/** Nearest-rank percentile of sorted values; absent when there are none. */
export function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
