import { join } from 'node:path';
import { expect, it } from 'vitest';
import { deskSettings, pipelineArguments } from './desk-settings.ts';

const here = import.meta.dirname;

it('keeps everything in the ignored state folder when nothing is set', () => {
  expect(deskSettings({ DESK_BARS: '' })).toEqual({
    dataDir: join(here, '.qts-ops/desk/generated'),
    deskDir: join(here, '.qts-ops/desk'),
    backupDir: join(here, '.qts-ops/backups'),
    drillDir: join(here, '.qts-ops/drill'),
    reportDir: join(here, '.qts-ops/reports'),
    brokerSocketPath: deskSettings({}).brokerSocketPath,
    isLoopOutside: false,
    hasSlack: false,
    pipelineEvery: '5s',
    batch: '20',
    paceMs: '150',
  });
});

it('gives every bar file a data folder of its own', () => {
  const settings = deskSettings({ DESK_HOME: '/srv/demo', DESK_BARS: '/data/intraday.csv' });
  expect(settings.dataDir).toBe('/srv/demo/desk/bars-intraday');
  expect(pipelineArguments(settings)).toEqual([
    join(here, 'desk/pipeline.ts'),
    '--data',
    settings.dataDir,
    '--bars',
    '/data/intraday.csv',
  ]);
});

it('reads relative paths from its own folder, whichever process asks', () => {
  expect(deskSettings({ DESK_BARS: 'prices.csv' }).barsPath).toBe(join(here, 'prices.csv'));
});

it('moves the socket of the broker where its path is short enough to listen on', () => {
  expect(deskSettings({ DESK_HOME: '/srv/demo' }).brokerSocketPath).toBe('/srv/demo/broker.sock');
  const { brokerSocketPath } = deskSettings({ DESK_HOME: `/srv/${'long/'.repeat(30)}demo` });
  expect(Buffer.byteLength(brokerSocketPath)).toBeLessThanOrEqual(100);
  expect(brokerSocketPath).toMatch(/desk-broker-[0-9a-f]{12}\.sock$/);
});
