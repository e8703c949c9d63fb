import type { AuditQuery } from '../../guard/audit/audit-entry.ts';
import { boundedLimit, byShape } from './query-shape.ts';
import { pick, type SqlDialect } from './sql-statement.ts';
import type { AuditStoredRow } from './store-schema.ts';

const STORED_COLUMNS: ReadonlyArray<keyof AuditStoredRow> = [
  'seq',
  'chain_id',
  'prev',
  'leaf',
  'hash',
  'body',
];

/** The fixed statements of `ops_audit_log`. */
export function auditStatements({ statement }: SqlDialect) {
  return {
    append: statement((db, p: AuditStoredRow) =>
      db.insertInto('ops_audit_log').values(pick(p, STORED_COLUMNS)),
    ),
    head: statement((db, _: object) =>
      db.selectFrom('ops_audit_log').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1),
    ),
    at: statement((db, p: { readonly seq: number }) =>
      db.selectFrom('ops_audit_log').select(['seq', 'hash']).where('seq', '=', p.seq),
    ),
    page: statement((db, p: { readonly from: number; readonly limit: number }) =>
      db
        .selectFrom('ops_audit_log')
        .select(STORED_COLUMNS)
        .where('seq', '>=', p.from)
        .orderBy('seq')
        .limit(p.limit),
    ),
  };
}

type Filters = Omit<AuditQuery, 'limit' | 'offset'>;

type QueryValues = { readonly [K in keyof Required<AuditQuery>]: NonNullable<AuditQuery[K]> };

/** Splits a query into what chooses its statements and what is bound to them. */
export function auditQueryParts(query: AuditQuery): { filters: Filters; values: QueryValues } {
  const { limit, offset, ...filters } = query;
  return {
    filters,
    values: {
      // Bound only where the filter is given.
      auditType: query.auditType ?? 'BATCH_START',
      targetType: query.targetType ?? '',
      targetId: query.targetId ?? '',
      operatorId: query.operatorId ?? '',
      requestId: query.requestId ?? '',
      fromMs: query.fromMs ?? 0,
      toMs: query.toMs ?? 0,
      limit: boundedLimit(limit),
      offset: Math.max(0, Math.trunc(offset ?? 0)),
    },
  };
}

/** The page, newest first, and the count of everything the filters admit. */
export function auditQueries({ statement }: SqlDialect) {
  return byShape([], (shape, _: Filters) => {
    const filtered = (db: Parameters<Parameters<typeof statement>[0]>[0], p: QueryValues) =>
      db
        .selectFrom('ops_audit_log')
        .$if(shape.has('auditType'), (query) => query.where('audit_type', '=', p.auditType))
        .$if(shape.has('targetType'), (query) => query.where('target_type', '=', p.targetType))
        .$if(shape.has('targetId'), (query) => query.where('target_id', '=', p.targetId))
        .$if(shape.has('operatorId'), (query) => query.where('operator_id', '=', p.operatorId))
        .$if(shape.has('requestId'), (query) => query.where('request_id', '=', p.requestId))
        .$if(shape.has('fromMs'), (query) => query.where('created_at', '>=', p.fromMs))
        .$if(shape.has('toMs'), (query) => query.where('created_at', '<', p.toMs));
    return {
      items: statement((db, p: QueryValues) =>
        filtered(db, p)
          .select(['seq', 'hash', 'body'])
          .orderBy('seq', 'desc')
          .limit(p.limit)
          .offset(p.offset),
      ),
      count: statement((db, p: QueryValues) =>
        filtered(db, p).select((eb) => eb.fn.countAll<number>().as('count')),
      ),
    };
  });
}
