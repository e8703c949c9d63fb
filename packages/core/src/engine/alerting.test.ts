import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { TestChannel, testAct } from '../testing/create-test-alerts.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { everyMs, testTarget } from '../testing/test-targets.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { defaultAlertSettings } from '../watch/alerts/alert-settings.ts';
import { noWatch } from './config/watch-config.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';
import { signalsOf } from './reactions.ts';

const reason = 'looking into a problem';

function fails(): never {
  throw new Error('no prices');
}

describe('what happens in the engine', () => {
  it('is told in the same transaction: no kill can fall between a failed run and its alert', async () => {
    const commits: OpsChange[][] = [];
    const clock = new VirtualClock();
    const real = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    const store = watched(real, async (changes) => {
      commits.push([...changes]);
      return real.commit(changes);
    });
    await using test = await createTestOps({ targets: [testTarget('feed', fails)], store, clock });
    await test.clock.advance(1000);
    const kinds = commits.map((changes) => changes.map(({ kind }) => kind));
    const end = kinds.find((list) => list.includes('execution.log'));
    expect(end).toEqual(expect.arrayContaining(['execution.update', 'alert.insert', 'outbox.insert']));
  });

  it('reaches the channels by level, ends when it is well, and restarts keep what is open', async () => {
    const mail = new TestChannel('mail');
    const pager = new TestChannel('webhook');
    const clock = new VirtualClock();
    const store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    let broken = true;
    const feed = testTarget('feed', () => (broken ? fails() : undefined), { schedule: everyMs(60_000) });
    const engine = () =>
      createTestOps({
        targets: [feed],
        store,
        clock,
        parts: { channels: [mail.bound, pager.bound] },
        config: {
          watch: {
            channels: [],
            checks: [],
            alerts: {
              routes: [
                { id: 'pager', minLevel: 'CRITICAL', channels: ['webhook'], continue: true },
                { id: 'all', channels: ['mail'] },
              ],
              escalations: {},
              inhibitions: [],
              windows: [],
              digest: { notices: 20, criticalNotices: 10, perMs: 600_000, waitMs: 60_000, criticalWaitMs: 1 },
              language: 'en',
            },
          },
        },
      });
    {
      await using test = await engine();
      await test.clock.advance(3 * 60_000);
      expect(mail.told).toEqual(['first firing batch:feed:failed', 'first firing target:feed:suspended']);
      expect(pager.told).toEqual(['first firing target:feed:suspended']);
      const [alert] = (await store.queryAlerts({ alertType: 'TARGET_SUSPENDED' })).items;
      expect(alert).toMatchObject({ level: 'CRITICAL', labels: { job: 'feed' }, errorCode: 'BAT-0304' });
    }
    broken = false;
    await using test = await engine();
    expect(test.ops.alerts.service.open()).toHaveLength(2);
    await test.client.reset('feed', { reason });
    await test.clock.advance(60_000);
    expect(test.ops.alerts.service.open()).toEqual([]);
    expect(pager.told.at(-1)).toBe('resolved resolved target:feed:suspended');
    expect(mail.told).toContain('resolved resolved batch:feed:failed');
  });

  it('an operator takes an alert, audited like every act', async () => {
    await using test = await createTestOps({ targets: [testTarget('feed', fails)] });
    await test.clock.advance(1000);
    const [alert] = test.ops.alerts.service.open();
    await test.ops.alerts.acts.acknowledge(alert?.id ?? '', testAct());
    expect(test.ops.alerts.service.open()).toMatchObject([{ state: 'acknowledged' }]);
    const { items } = await test.store.queryAudit({ auditType: 'ALERT_ACKNOWLEDGE' });
    expect(items).toMatchObject([{ operatorId: 'kim', targetId: alert?.id }]);
  });

  it('a clock that jumps is told as a warning', async () => {
    await using test = await createTestOps({ targets: [testTarget('feed', () => undefined)] });
    await test.clock.advance(2500);
    test.clock.stepWall(-7_200_000);
    await test.clock.advance(3000);
    expect(test.alerts).toEqual([expect.stringMatching(/^WARNING the wall clock was set back by 2 h/)]);
  });

  it('what a target or a warning of an earlier config left open is closed at the next start', async () => {
    const clock = new VirtualClock();
    const store = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    const warning = { code: 'INP-0703', path: 'targets[0].calendar', text: { en: 'soon', ko: '곧' } };
    {
      await using first = await createTestOps({
        targets: [testTarget('feed', fails)],
        config: { warnings: [warning] },
        store,
        clock,
      });
      await first.clock.advance(1000);
      expect(first.ops.alerts.service.open()).toHaveLength(2);
    }
    await using second = await createTestOps({ targets: [], store, clock });
    expect(second.ops.alerts.service.open()).toEqual([]);
  });
});

describe('a defect of the alerts', () => {
  it('does not keep a run from ending on record; what it was about is at least said', async () => {
    const clock = new VirtualClock();
    const real = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    const store = watched(real, async (changes) => {
      if (changes.some(({ kind }) => kind === 'alert.insert')) {
        throw opsException('SYS-0106', 'the database refused an alert');
      }
      return real.commit(changes);
    });
    await using test = await createTestOps({ targets: [testTarget('feed', fails)], store, clock });
    await test.clock.advance(1000);
    const { items } = await test.client.executions({ jobId: 'feed' });
    expect(items).toMatchObject([{ status: 'FAILED' }]);
    expect(test.alerts).toEqual(['CRITICAL run of feed failed: BAT-0304 no prices']);
    expect(test.logged.join('\n')).toContain('LOG-0501');
  });

  it('a conflict is decided again and writes one alert', async () => {
    const clock = new VirtualClock();
    const real = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    let conflicts = 2;
    const store = watched(real, async (changes) => {
      const ends = changes.some(({ kind }) => kind === 'alert.insert');
      if (ends && conflicts-- > 0) return 'conflict';
      return real.commit(changes);
    });
    await using test = await createTestOps({ targets: [testTarget('feed', fails)], store, clock });
    await test.clock.advance(5000);
    expect((await real.queryAlerts({ alertType: 'BATCH_FAILED' })).total).toBe(1);
  });
});

describe('a target that is suspended', () => {
  const hourMs = 3_600_000;
  const engine = async (maxConsecutiveErrors: number, run: () => void) => {
    const mail = new TestChannel('mail');
    const schedule = everyMs(30_000);
    const feed = testTarget('feed', run, { schedule, errors: { maxConsecutiveErrors } });
    const alerts = defaultAlertSettings([{ id: 'mail', kind: 'mail' }]);
    const watch = noWatch(alerts);
    const parts = { channels: [mail.bound] };
    const test = await createTestOps({ targets: [feed], parts, config: { watch } });
    return { mail, test };
  };

  it('is told once more than its failure, reminds alone, and both ends are told', async () => {
    let broken = true;
    const { mail, test } = await engine(3, () => (broken ? fails() : undefined));
    await using _ = test;
    await test.clock.advance(5 * 60_000);
    const first = ['first firing batch:feed:failed', 'first firing target:feed:suspended'];
    expect(mail.told).toEqual(first);
    await test.clock.advance(4.5 * hourMs);
    const reminders = mail.told.slice(2);
    expect(new Set(reminders)).toEqual(new Set(['reminder firing target:feed:suspended']));
    broken = false;
    await test.client.reset('feed', { reason });
    await test.clock.advance(2 * 60_000);
    expect(mail.told.slice(2 + reminders.length).sort()).toEqual([
      'resolved resolved batch:feed:failed',
      'resolved resolved target:feed:suspended',
    ]);
  });

  it('by its first failure is one alert, and when only the suspension ends the failure is told', async () => {
    const { mail, test } = await engine(1, fails);
    await using _ = test;
    await test.clock.advance(2 * 60_000);
    expect(mail.told).toEqual(['first firing target:feed:suspended']);
    expect(test.ops.alerts.service.open()).toMatchObject([
      { dedupKey: 'target:feed:suspended' },
      { dedupKey: 'batch:feed:failed', suppression: { by: 'inhibition', name: 'target:feed:suspended' } },
    ]);
  });
});

describe('reactions', () => {
  it('follow what a check says', () => {
    const signal = {
      dedupKey: 'check:disk',
      checkId: 'disk',
      kindOfCheck: 'disk',
      level: 'CRITICAL',
      status: 'fail',
      because: 'hard-fail',
      message: '96 % used',
      value: 96,
      unit: '%',
      sinceMs: 1,
      atMs: 2,
      flapping: false,
      labels: { host: 'desk' },
    } as const;
    // Only the signal of a change is read here.
    const change = (action: 'raise' | 'resolve') =>
      ({ kind: 'health.update', signal: { ...signal, action } }) as unknown as OpsChange;
    expect(signalsOf([change('raise'), change('resolve')])).toMatchObject([
      {
        kind: 'raise',
        dedupKey: 'check:disk',
        alertType: 'HEALTH_CHECK',
        level: 'CRITICAL',
        message: 'check disk: fail: 96 % used (96%)',
        labels: { host: 'desk', check: 'disk', kind: 'disk' },
      },
      { kind: 'resolve', dedupKey: 'check:disk' },
    ]);
  });
});

function watched(real: OpsStore, commit: OpsStore['commit']): OpsStore {
  return new Proxy<OpsStore>(real, {
    get(target, key) {
      if (key === 'commit') return commit;
      const member: unknown = Reflect.get(target, key);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
