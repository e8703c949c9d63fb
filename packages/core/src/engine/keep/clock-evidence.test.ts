import { expect, it } from 'vitest';
import { KeepDeskRig } from '../../../test/keep-desk-rig.ts';
import { cron, every, keep, onDemand, target } from '../config/define-config.ts';
import { createConfig } from '../config/load-config.ts';
import { previewSources } from './keep-desk-reads.ts';
import { plannedPeriodMs } from './keep-period.ts';

const DAY_MS = 86_400_000;

it('a keep run deletes nothing right after the machine started, until its clock was set', {
  timeout: 240_000,
}, async () => {
  const boot = { bootId: 'one', ageMs: 3_600_000, synced: false };
  const time = {
    get bootId() {
      return boot.bootId;
    },
    sinceBootMs: () => boot.ageMs,
    isTimeSynced: async () => boot.synced,
  };
  const backup = { to: 'backups', sources: ['data'] };
  const wish = { backup, retention: [{ match: 'raw/**', keepDays: 7, quiet: 0 }] };
  using rig = new KeepDeskRig(wish, { time });
  const expire = async (name: string) => {
    rig.write(`raw/${name}.jsonl`, 20);
    return (await rig.run('maintenance')).sources[0]?.deletedFiles;
  };
  expect(await expire('first')).toBe(1);
  Object.assign(boot, { bootId: 'two', ageMs: 20_000 });
  expect(await expire('a')).toBe(0);
  expect(rig.state()?.notes).toContainEqual(
    expect.objectContaining({
      code: 'BAT-0523',
      message: expect.stringContaining('its clock was not set yet'),
    }),
  );
  expect(await expire('b')).toBe(0);
  boot.synced = true;
  expect(await expire('c')).toBe(3);
});

it('time that passed while the machine ran is no jump of its clock', { timeout: 240_000 }, async () => {
  let ageMs = 3_600_000;
  const time = { bootId: 'one', sinceBootMs: () => ageMs, isTimeSynced: async () => false };
  const backup = { to: 'backups', sources: ['data'] };
  const wish = { backup, retention: [{ match: 'raw/**', keepDays: 7, quiet: 0 }] };
  using rig = new KeepDeskRig(wish, { time });
  rig.write('raw/a.jsonl', 20);
  await rig.run('maintenance');
  rig.write('raw/b.jsonl', 20);
  ageMs += 20 * DAY_MS;
  rig.pass(20);
  expect((await previewSources(rig.desk()))[0]).toMatchObject({ candidates: [{ path: 'raw/b.jsonl' }] });
  expect(await rig.run('maintenance')).toMatchObject({ sources: [{ deletedFiles: 1 }] });
  rig.write('raw/c.jsonl', 20);
  rig.pass(20);
  expect((await previewSources(rig.desk()))[0]?.heldBack).toContain('it jumped 20d');
  expect(await rig.run('maintenance')).toMatchObject({ sources: [{ deletedFiles: 0 }] });
});

it('how far apart runs are by plan is the longest of their next distances', () => {
  const planned = (...on: Parameters<typeof target>[1]['on'][]) => {
    const targets = on.map((when, index) => target(`t${index}`, { on: when, run: keep('maintenance') }));
    const config = createConfig(
      { instance: 'plan', timeZone: 'UTC', targets, backup: { to: 'b', sources: ['d'] } },
      { folder: '/desk' },
    );
    return plannedPeriodMs(config, 'maintenance', Date.UTC(2026, 10, 20));
  };
  expect(planned(every('10m'))).toBe(600_000);
  expect(planned(cron('0 3 * * 1-5'))).toBe(3 * DAY_MS);
  expect(planned(every('10m'), cron('0 3 * * *'))).toBe(DAY_MS);
  expect(planned(onDemand())).toBeUndefined();
});
