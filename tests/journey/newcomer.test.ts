import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionView, Page } from '@qts-ops/core/client';
import { expect, it } from 'vitest';
import { type ProgramEnd, type ProgramPlace, qtsOps, startQtsOps, until } from './journey-programs.ts';
import { processesOf, untilAnswers } from './running-engine.ts';
import { temporaryPlace } from './temporary-place.ts';

const REASON = ['--reason', 'first steps of a newcomer'];

it.concurrent('a newcomer writes a config, runs it, looks, triggers, stops and ends it in an empty folder', async () => {
  using folder = temporaryPlace();
  const here = { cwd: folder.path };
  expect(await qtsOps(['status', '--state', '.qts-ops'], here)).toMatchObject({ code: 3 });
  expect(await qtsOps(['init'], here)).toMatchObject({ code: 0, stderr: '' });
  addTarget(
    join(folder.path, 'qts-ops.config.ts'),
    `target('nap', { on: 'demand', run: exec('sleep', ['60']), timeout: '2m' }),`,
  );

  const checked = await qtsOps(['config', 'check'], here);
  expect(checked).toMatchObject({ code: 0, stderr: '' });
  expect(checked.stdout).toMatch(/no problems[\s\S]*target nap/);

  await using engine = startQtsOps(['run'], here);
  const stateFolder = join(folder.path, '.qts-ops');
  await untilAnswers(stateFolder, engine);
  expect(await qtsOps(['status'], here)).toMatchObject({ code: 0, stderr: '' });

  const triggered = await until('the heartbeat is triggered', async () => {
    const end = await qtsOps(['trigger', 'heartbeat', ...REASON, '--wait'], here);
    // It runs every few seconds by itself; whoever comes in the middle is refused.
    return !end.stderr.startsWith('BAT-0101') && end;
  });
  expect(triggered).toMatchObject({ code: 0, stdout: expect.stringContaining('SUCCESS') });
  await stopsANap(here, stateFolder);

  engine.child.kill('SIGTERM');
  expect(await engine.ended).toMatchObject({ code: 0 });
  expect(await qtsOps(['status'], here)).toMatchObject({ code: 3 });
  expect(processesOf(stateFolder)).toEqual([]);
  expect(existsSync(join(stateFolder, 'qts-ops.sock'))).toBe(false);
});

it.concurrent('an engine that is asked to end lets a running execution finish, and its successor remembers it', async () => {
  using folder = temporaryPlace();
  const here = { cwd: folder.path };
  await qtsOps(['init'], here);
  addTarget(
    join(folder.path, 'qts-ops.config.ts'),
    `target('nap', { on: 'demand', run: exec('sleep', ['1']), timeout: '2m' }),`,
  );
  const stateFolder = join(folder.path, '.qts-ops');
  await using first = startQtsOps(['run'], here);
  await untilAnswers(stateFolder, first);
  await qtsOps(['trigger', 'nap', ...REASON], here);
  first.child.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0 });

  await using second = startQtsOps(['run'], here);
  await untilAnswers(stateFolder, second);
  expect(await executionsOf('nap', here)).toMatchObject([{ status: 'SUCCESS', runType: 'MANUAL' }]);
  second.child.kill('SIGTERM');
  expect(await second.ended).toMatchObject({ code: 0 });
});

async function stopsANap(here: ProgramPlace, stateFolder: string): Promise<void> {
  expect(await qtsOps(['trigger', 'nap', ...REASON], here)).toMatchObject({ code: 0 });
  await until('the nap has a process', () => processesOf(stateFolder).length > 0);
  expect(await qtsOps(['stop', 'nap', ...REASON], here)).toMatchObject({ code: 0 });
  const executions = await until('the nap has ended', async () => {
    const found = await executionsOf('nap', here);
    return found.every(({ status }) => status !== 'RUNNING') && found;
  });
  expect(executions).toMatchObject([{ status: 'STOPPED', operatorNote: REASON[1] }]);
  expect(processesOf(stateFolder)).toEqual([]);
}

async function executionsOf(targetId: string, here: ProgramPlace): Promise<readonly ExecutionView[]> {
  const end: ProgramEnd = await qtsOps(['executions', '--job', targetId, '--json'], here);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  const page: Page<ExecutionView> = JSON.parse(end.stdout);
  return page.items;
}

/** What a person does in an editor. */
function addTarget(configPath: string, target: string): void {
  const written = readFileSync(configPath, 'utf8');
  expect(written).toContain('targets: [');
  writeFileSync(configPath, written.replace('targets: [', `targets: [\n    ${target}`));
}
