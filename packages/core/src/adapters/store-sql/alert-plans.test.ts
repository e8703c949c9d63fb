import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { alertQueries, alertQueryParts, outboxQueries, outboxQueryParts } from './alert-queries.ts';
import { alertStatements } from './alert-table.ts';
import { sqliteDialect } from './sql-statement.ts';
import { openSqliteStore } from './sqlite-store.ts';

const alerts = alertStatements(sqliteDialect);
const list = alertQueries(sqliteDialect);
const outbox = outboxQueries(sqliteDialect);
const alertItems = (query: Parameters<typeof alertQueryParts>[0]) =>
  list(alertQueryParts(query).filters).items;
const outboxItems = (query: Parameters<typeof outboxQueryParts>[0]) =>
  outbox(outboxQueryParts(query).filters).items;

// A read without an index is unnoticed on an empty file and blocks the engine for seconds on an old one.
it.each([
  ['open alerts', alerts.openAlerts, 'USING INDEX ops_alert_o'],
  ['alerts that ended lately', alerts.resolvedSince, 'ops_alert_resolved (resolved_at>?)'],
  ['one alert', alerts.findAlert, '(alert_id=?)'],
  ['unacknowledged counts', alerts.unacknowledged, 'ops_alert_unacknowledged'],
  ['what is to be sent', alerts.liveNotices, 'alert_outbox_live'],
  ['notices made lately', alerts.noticesSince, 'alert_outbox_created (created_at>?)'],
  ['alerts of what is to be sent', alerts.liveMembers, 'alert_outbox_live'],
  ['the last place in the outbox', alerts.lastSeq, 'alert_outbox_seq'],
  ['notices that ended long ago', alerts.forgettableNotices, 'alert_outbox_ended (ended_at<?)'],
  ['alerts that ended long ago', alerts.forgettableAlerts, 'ops_alert_resolved (resolved_at<?)'],
  ['attempts of a notice', alerts.attempts, 'PRIMARY KEY (outbox_id=?)'],
  ['alerts that a notice tells of', alerts.markTold, 'PRIMARY KEY (outbox_id=?)'],
  ['silences', alerts.silencesSince, 'alert_silence_ends (ends_at>?)'],
  ['all alerts, newest first', alertItems({}), 'ops_alert_created'],
  ['open alerts, newest first', alertItems({ open: true }), 'ops_alert_open'],
  ['alerts nobody took, newest first', alertItems({ acknowledged: false }), 'ops_alert_untaken'],
  ['alerts of a type', alertItems({ alertType: 'TEST' }), 'ops_alert_type (alert_type=?)'],
  ['alerts of a level', alertItems({ level: 'INFO' }), 'ops_alert_level (alert_level=?)'],
  ['alerts of a key', alertItems({ dedupKey: 'k' }), 'ops_alert_key (dedup_key=?)'],
  ['alerts of a run', alertItems({ executionId: 'e' }), 'ops_alert_execution (execution_id=?)'],
  [
    'alerts of a time',
    alertItems({ fromMs: 1, toMs: 2 }),
    'ops_alert_created (created_at>? AND created_at<?)',
  ],
  ['notices of an alert', outboxItems({ alertId: 'a' }), 'alert_outbox_alert_alert (alert_id=?)'],
  ['notices of a channel', outboxItems({ channelId: 'mail' }), 'alert_outbox_channel (channel_id=?)'],
  ['given-up notices', outboxItems({ status: 'dead' }), 'alert_outbox_status (status=?)'],
])('%s are found by an index', async (_, statement, index) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'qts-alert-plans-'));
  const path = join(folder.path, 'ops.db');
  await (await openSqliteStore({ path, now: () => 0 })).close();
  using raw = new DatabaseSync(path, { readOnly: true });
  const plan = raw.prepare(`explain query plan ${statement.sql}`).all();
  expect(plan.map(({ detail }) => String(detail)).join('\n')).toContain(index);
});
