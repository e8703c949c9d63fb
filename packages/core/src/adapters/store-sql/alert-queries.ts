import type { AlertQuery, OutboxQuery } from '../../watch/alerts/alert-store.ts';
import { ALERT_COLUMNS } from './alert-table.ts';
import { OUTBOX_COLUMNS } from './outbox-table.ts';
import { boundedLimit, byShape } from './query-shape.ts';
import { literal, type SqlDialect } from './sql-statement.ts';

type AlertFilters = Omit<AlertQuery, 'limit' | 'offset'>;
type AlertValues = { readonly [K in keyof Required<AlertQuery>]: NonNullable<AlertQuery[K]> };
type OutboxFilters = Omit<OutboxQuery, 'limit' | 'offset'>;
type OutboxValues = { readonly [K in keyof Required<OutboxQuery>]: NonNullable<OutboxQuery[K]> };

/** Splits a query into what chooses its statements and what is bound to them. */
export function alertQueryParts(query: AlertQuery): { filters: AlertFilters; values: AlertValues } {
  const { limit, offset, ...filters } = query;
  return {
    filters,
    values: {
      // Bound only where the filter is given.
      alertType: query.alertType ?? 'SYSTEM_ERROR',
      level: query.level ?? 'INFO',
      state: query.state ?? 'firing',
      open: query.open ?? true,
      acknowledged: query.acknowledged ?? false,
      dedupKey: query.dedupKey ?? '',
      executionId: query.executionId ?? '',
      fromMs: query.fromMs ?? 0,
      toMs: query.toMs ?? 0,
      limit: boundedLimit(limit),
      offset: Math.max(0, Math.trunc(offset ?? 0)),
    },
  };
}

/** The page of alerts, newest first, and the count of everything the filters admit. */
export function alertQueries({ statement }: SqlDialect) {
  return byShape(['open', 'acknowledged'], (shape, filters: AlertFilters) => {
    const filtered = (db: Parameters<Parameters<typeof statement>[0]>[0], p: AlertValues) =>
      db
        .selectFrom('ops_alert')
        .$if(shape.has('alertType'), (query) => query.where('alert_type', '=', p.alertType))
        .$if(shape.has('level'), (query) => query.where('alert_level', '=', p.level))
        .$if(shape.has('state'), (query) => query.where('state', '=', p.state))
        .$if(filters.open === true, (query) => query.where('state', '<>', literal('resolved')))
        .$if(filters.open === false, (query) => query.where('state', '=', literal('resolved')))
        .$if(filters.acknowledged === true, (query) => query.where('acknowledged_at', 'is not', null))
        .$if(filters.acknowledged === false, (query) => query.where('acknowledged_at', 'is', null))
        .$if(shape.has('dedupKey'), (query) => query.where('dedup_key', '=', p.dedupKey))
        .$if(shape.has('executionId'), (query) => query.where('execution_id', '=', p.executionId))
        .$if(shape.has('fromMs'), (query) => query.where('created_at', '>=', p.fromMs))
        .$if(shape.has('toMs'), (query) => query.where('created_at', '<', p.toMs));
    return {
      items: statement((db, p: AlertValues) =>
        filtered(db, p)
          .select([...ALERT_COLUMNS, 'channels_sent', 'sent_at'])
          .orderBy('created_at', 'desc')
          .orderBy('alert_id', 'desc')
          .limit(p.limit)
          .offset(p.offset),
      ),
      count: statement((db, p: AlertValues) =>
        filtered(db, p).select((eb) => eb.fn.countAll<number>().as('count')),
      ),
    };
  });
}

/** The same for the outbox. */
export function outboxQueryParts(query: OutboxQuery): { filters: OutboxFilters; values: OutboxValues } {
  const { limit, offset, ...filters } = query;
  return {
    filters,
    values: {
      channelId: query.channelId ?? '',
      status: query.status ?? 'pending',
      alertId: query.alertId ?? '',
      limit: boundedLimit(limit),
      offset: Math.max(0, Math.trunc(offset ?? 0)),
    },
  };
}

/** The page of notices, newest first, and the count of everything the filters admit. */
export function outboxQueries({ statement }: SqlDialect) {
  return byShape([], (shape, _: OutboxFilters) => {
    const filtered = (db: Parameters<Parameters<typeof statement>[0]>[0], p: OutboxValues) =>
      db
        .selectFrom('alert_outbox')
        .$if(shape.has('channelId'), (query) => query.where('channel_id', '=', p.channelId))
        .$if(shape.has('status'), (query) => query.where('status', '=', p.status))
        .$if(shape.has('alertId'), (query) =>
          query.where('outbox_id', 'in', (eb) =>
            eb.selectFrom('alert_outbox_alert').select('outbox_id').where('alert_id', '=', p.alertId),
          ),
        );
    return {
      items: statement((db, p: OutboxValues) =>
        filtered(db, p).select(OUTBOX_COLUMNS).orderBy('seq', 'desc').limit(p.limit).offset(p.offset),
      ),
      count: statement((db, p: OutboxValues) =>
        filtered(db, p).select((eb) => eb.fn.countAll<number>().as('count')),
      ),
    };
  });
}
