import { describe, expect, it } from 'vitest';
import { silentLogger } from '../adapters/logger-json/json-logger.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { obedientWork, testTarget } from '../testing/test-targets.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { BatchExecutionService } from './batch-execution-service.ts';
import { OpsAlertService } from './ops-alert-service.ts';

const reason = 'looking into a problem';

/** A service on virtual time, with the lines it told. */
function service() {
  const lines: string[] = [];
  const alertChannel: AlertChannel = {
    sendCritical: (text) => void lines.push(`CRITICAL ${text}`),
    sendWarning: (text) => void lines.push(`WARNING ${text}`),
  };
  const clock = new VirtualClock();
  return { lines, clock, alerts: new OpsAlertService({ clock, alertChannel, logger: silentLogger }) };
}

async function startedRun(alerts: OpsAlertService, clock: VirtualClock) {
  const runs = new BatchExecutionService({ alerts, clock });
  await runs.registerJob({ jobId: 'DAILY_PRICE_LOAD', jobName: 'Prices', jobType: 'DAILY' });
  return { runs, execution: await runs.startExecution({ jobId: 'DAILY_PRICE_LOAD' }) };
}

describe('fail stores code, message, ended_at and one ERROR log row; and sends the alert at the level of its code iff auto_alert', () => {
  it.each([
    ['C1-EXT-001', 'ERROR', 'CRITICAL'],
    ['C1-EXT-003', 'WARN', 'WARNING'],
    ['C1-SYS-001', 'CRITICAL', 'CRITICAL'],
    ['C1-BAT-003', 'ERROR', 'CRITICAL'],
  ])('%s', async (errorCode, level, verb) => {
    const { alerts, clock, lines } = service();
    await using _alerts = alerts;
    const { runs, execution } = await startedRun(alerts, clock);
    const failed = await runs.failExecution(execution.id, { errorCode, message: 'no answer in 10 s' });
    await clock.settle();
    expect(failed).toMatchObject({ status: 'FAILED', errorCode, errorMessage: 'no answer in 10 s' });
    expect(failed.endedAtMs).toBe(clock.now());
    const log = await (await alerts.store()).readLog(execution.id);
    expect(log.filter((line) => line.level === 'ERROR')).toHaveLength(1);
    const { items } = await alerts.getAlerts({ alertType: 'BATCH_FAILED' });
    expect(items).toMatchObject([
      {
        level,
        errorCode,
        executionId: execution.id,
        title: '[BATCH_FAILED] DAILY_PRICE_LOAD',
        state: 'firing',
        channelsSent: ['log'],
        detail: { jobId: 'DAILY_PRICE_LOAD', errorCode },
      },
    ]);
    expect(lines).toEqual([`${verb} run of DAILY_PRICE_LOAD failed: ${errorCode} no answer in 10 s`]);
  });

  it.each(['C1-INP-003', 'C2-DQ-777'])('%s does not alert', async (errorCode) => {
    const { alerts, clock, lines } = service();
    await using _alerts = alerts;
    const { runs, execution } = await startedRun(alerts, clock);
    await runs.failExecution(execution.id, { errorCode, message: 'out of range' });
    await clock.settle();
    expect((await alerts.getAlerts()).total).toBe(0);
    expect(lines).toEqual([]);
    expect(
      await alerts.sendErrorAlert({ errorCode, title: 'no alert', message: 'no alert' }),
    ).toBeUndefined();
  });
});

describe('stop needs operator + reason, stores STOPPED, alert WARN, audit BATCH_STOP, and really cancels the work', () => {
  it('of an execution that the caller carries out', async () => {
    const { alerts, clock, lines } = service();
    await using _alerts = alerts;
    const { runs, execution } = await startedRun(alerts, clock);
    await expect(runs.stopExecution(execution.id, { operatorId: '', reason })).rejects.toMatchObject({
      code: 'INP-0303',
    });
    const short = { operatorId: 'kim', reason: 'no' };
    await expect(runs.stopExecution(execution.id, short)).rejects.toMatchObject({ code: 'INP-0302' });
    await runs.stopExecution(execution.id, { operatorId: 'kim', reason });
    await clock.settle();
    expect((await alerts.getAlerts()).items).toMatchObject([
      { alertType: 'BATCH_STOPPED', level: 'WARN', executionId: execution.id, event: true },
    ]);
    expect(lines).toEqual([`WARNING run of DAILY_PRICE_LOAD was stopped by kim: ${reason}`]);
    const audit = await (await alerts.store()).queryAudit({ auditType: 'BATCH_STOP' });
    expect(audit.items).toMatchObject([{ executionId: execution.id, operatorId: 'kim' }]);
  });

  it('of a run of the engine, whose work hears of it', async () => {
    let cancelled = false;
    const { schedule: _schedule, ...feed } = testTarget('feed', async (context) => {
      context.signal.addEventListener('abort', () => {
        cancelled = true;
      });
      return obedientWork(context);
    });
    await using test = await createTestOps({ targets: [feed] });
    const { executionId = '' } = await test.client.trigger('feed', { reason });
    await test.clock.settle();
    await test.client.stop(executionId, { reason });
    await test.clock.advance(2000);
    expect(cancelled).toBe(true);
    expect(await test.client.execution(executionId)).toMatchObject({ status: 'STOPPED' });
    const { items } = await test.store.queryAlerts({ executionId });
    expect(items.map(({ alertType, level }) => `${alertType} ${level}`).sort()).toEqual([
      'BATCH_STOPPED WARN',
      'MANUAL_START INFO',
    ]);
    expect((await test.store.queryAudit({ auditType: 'BATCH_STOP' })).total).toBe(1);
  });
});

describe('acknowledge once; the second is an error; unacknowledged counts by level are right', () => {
  it('counts what nobody has taken', async () => {
    const { alerts } = service();
    await using _alerts = alerts;
    const send = (alertLevel: 'INFO' | 'WARN' | 'ERROR' | 'CRITICAL') =>
      alerts.sendAlert({ alertType: 'SYSTEM_ERROR', alertLevel, title: alertLevel, message: 'seen' });
    const first = await send('CRITICAL');
    await send('CRITICAL');
    await send('ERROR');
    await send('INFO');
    expect(await alerts.countUnacknowledged()).toEqual({ INFO: 1, WARN: 0, ERROR: 1, CRITICAL: 2 });
    const taken = await alerts.acknowledgeAlert(first.id, 'kim');
    expect(taken.acknowledgement).toMatchObject({ operatorId: 'kim' });
    expect(await alerts.countUnacknowledged()).toEqual({ INFO: 1, WARN: 0, ERROR: 1, CRITICAL: 1 });
    await expect(alerts.acknowledgeAlert(first.id, 'lee')).rejects.toMatchObject({ code: 'BAT-0601' });
    expect((await alerts.getAlert(first.id)).acknowledgement).toMatchObject({ operatorId: 'kim' });
    await expect(alerts.acknowledgeAlert('nothing', 'kim')).rejects.toMatchObject({ code: 'INP-0920' });
    const { items, total } = await alerts.getAlerts({ acknowledged: true });
    expect([items.map(({ id }) => id), total]).toEqual([[first.id], 1]);
    const store = await alerts.store();
    expect((await store.queryAudit({ auditType: 'ALERT_ACKNOWLEDGE' })).items).toMatchObject([
      { targetId: first.id, operatorId: 'kim', targetType: 'ALERT' },
    ]);
  });
});

describe('sendAlert', () => {
  it('with a key is one alert until it is resolved, and comes back as the same one', async () => {
    const { alerts, clock, lines } = service();
    await using _alerts = alerts;
    const alert = {
      alertType: 'SYSTEM_ERROR',
      alertLevel: 'ERROR',
      title: 'disk',
      message: 'disk full',
    } as const;
    const first = await alerts.sendAlert({ ...alert, dedupKey: 'disk' });
    const second = await alerts.sendAlert({ ...alert, dedupKey: 'disk' });
    expect([second.id, second.count]).toEqual([first.id, 2]);
    await clock.settle();
    await alerts.resolveAlert('disk', 'disk has room');
    await clock.settle();
    expect(lines).toEqual(['CRITICAL disk full', 'WARNING disk has room']);
    expect(await alerts.getAlert(first.id)).toMatchObject({ state: 'resolved', count: 2 });
    expect(await alerts.sendAlert({ ...alert, dedupKey: 'disk' })).toMatchObject({
      id: first.id,
      refired: 1,
    });
  });

  it('refuses what it cannot record', async () => {
    const { alerts } = service();
    await using _alerts = alerts;
    const alert = { alertType: 'SYSTEM_ERROR', alertLevel: 'ERROR', title: 't', message: 'm' } as const;
    const refused = { code: 'INP-0922' };
    await expect(alerts.sendAlert({ ...alert, title: ' ' })).rejects.toMatchObject(refused);
    await expect(alerts.sendAlert({ ...alert, dedupKey: '' })).rejects.toMatchObject(refused);
    const wrong = { ...alert, alertType: 'NOTHING' as 'TEST' };
    await expect(alerts.sendAlert(wrong)).rejects.toMatchObject(refused);
  });
});
