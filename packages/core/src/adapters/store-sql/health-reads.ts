import type { CheckSpan, CheckState } from '../../watch/health/check-state.ts';
import type { CheckDay, CheckTransition, HealthGap } from '../../watch/health/health-changes.ts';
import type { HealthStore } from '../../watch/health/health-store.ts';
import type { PingState } from '../../watch/health/ping.ts';
import { fromDayRow, fromSpanRow } from './check-accounts.ts';
import { fromCheckStateRow } from './check-state-row.ts';
import { fromCheckTransitionRow, fromGapRow, healthStatements } from './health-tables.ts';
import { fromPingRow } from './ping-table.ts';
import { boundedLimit } from './query-shape.ts';
import { present } from './row-values.ts';
import { sqliteDialect } from './sql-statement.ts';
import { StoreReads } from './store-reads.ts';

/** What the store tells about checks. */
export abstract class HealthReads extends StoreReads implements HealthStore {
  protected readonly health = healthStatements(sqliteDialect);

  async readCheckStates(): Promise<readonly CheckState[]> {
    return this.read((database) => database.all(this.health.states, {})).map(fromCheckStateRow);
  }

  async readCheckTransitions(checkId: string, limit: number): Promise<readonly CheckTransition[]> {
    const values = { check_id: checkId, limit: boundedLimit(limit) };
    return this.read((database) => database.all(this.health.transitions, values)).map(fromCheckTransitionRow);
  }

  async readCheckSpans(checkId: string, fromMs: number, toMs: number): Promise<readonly CheckSpan[]> {
    const values = { check_id: checkId, from_at: fromMs, to_at: toMs };
    return this.read((database) => database.all(this.health.spans, values)).map(fromSpanRow);
  }

  async readCheckDays(checkId: string, fromMs: number, toMs: number): Promise<readonly CheckDay[]> {
    const values = { check_id: checkId, from_at: fromMs, to_at: toMs };
    return this.read((database) => database.all(this.health.days, values)).map(fromDayRow);
  }

  async readSpanCount(checkId: string): Promise<{ readonly count: number; readonly oldestMs?: number }> {
    const row = this.read((database) => database.first(this.health.spanCount, { check_id: checkId }));
    return { count: row?.count ?? 0, ...present('oldestMs', row?.oldest_at) };
  }

  async readPings(): Promise<readonly PingState[]> {
    return this.read((database) => database.all(this.health.pings.all, {})).map(fromPingRow);
  }

  async readHealthGaps(limit: number): Promise<readonly HealthGap[]> {
    const values = { limit: boundedLimit(limit) };
    return this.read((database) => database.all(this.health.gaps, values)).map(fromGapRow);
  }
}
