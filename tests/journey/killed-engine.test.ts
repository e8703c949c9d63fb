import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countRows } from '../../examples/unattended-desk/desk/counts.ts';
import { deskSettings } from '../../examples/unattended-desk/desk-settings.ts';
import { demoFolder, startQtsOps, until } from './journey-programs.ts';
import { clientOf, processesOf, snapshotOf, untilAnswers } from './running-engine.ts';
import { accountSlots } from './slot-account.ts';
import { temporaryPlace } from './temporary-place.ts';

it('an engine killed in the middle of a run leaves no row open, no process, no slot unknown and no bar twice', async () => {
  using folder = temporaryPlace();
  const stateFolder = folder.path;
  const env = { DESK_HOME: stateFolder, DESK_EVERY: '1s', DESK_BATCH: '10', DESK_PACE_MS: '150' };
  // So long that no machine ends it between the look at it and the kill.
  const long = { ...env, DESK_BATCH: '200' };
  const config = join(demoFolder, 'qts-ops.config.ts');
  const start = (settings: Readonly<Record<string, string>>) =>
    startQtsOps(['run', '--config', config, '--state', stateFolder], { cwd: demoFolder, env: settings });

  await using engine = start(long);
  await untilAnswers(stateFolder, engine);
  const interrupted = await until('the pipeline is in the middle of a batch', async () => {
    const running = await runningPipeline(stateFolder);
    return (running?.progress?.done ?? 0) > 1 && running?.executionId;
  });
  engine.child.kill('SIGKILL');
  await engine.ended;

  await using successor = start(env);
  await untilAnswers(stateFolder, successor);
  await using client = clientOf(stateFolder);
  expect(await client.execution(interrupted)).toMatchObject({ status: 'FAILED', errorCode: 'BAT-0301' });
  await until('the pipeline has succeeded again', async () => {
    const { count } = await client.executions({ jobId: 'pipeline', status: 'SUCCESS' });
    return count > 0;
  });
  const account = await accountSlots(client, 'pipeline', 1_000);
  expect(account).toMatchObject({ missing: [], repeated: [] });
  expect(account.executions.filter(({ status }) => status === 'RUNNING').length).toBeLessThanOrEqual(1);

  successor.child.kill('SIGTERM');
  expect(await successor.ended).toMatchObject({ code: 0 });
  expect(processesOf(stateFolder)).toEqual([]);
  expect(await countRows(deskSettings(env).dataDir)).toMatchObject({ complete: true });
});

async function runningPipeline(stateFolder: string) {
  const snapshot = await snapshotOf(stateFolder);
  return snapshot?.targets.find(({ id }) => id === 'pipeline')?.running;
}
