import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { qtsOps, repository, SOURCES, startNode } from './journey-programs.ts';
import { temporaryPlace } from './temporary-place.ts';

const folder = join(repository, 'examples/minimal');

describe.concurrent('the minimal examples', () => {
  it('have a configuration without problems', async () => {
    const config = join(folder, 'qts-ops.config.ts');
    expect(await qtsOps(['config', 'check', config], { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
  });

  it('run an engine inside a program', async () => {
    using state = temporaryPlace();
    const end = await startNode([SOURCES, 'embedded.ts', state.path], { cwd: folder }).ended;
    const line = 'greet AUTO execution.succeeded\n';
    expect(end).toMatchObject({ code: 0, stdout: line.repeat(3), stderr: '' });
  });

  it('run the specification’s scheduler, whose failing target stops nobody', async () => {
    const end = await startNode([SOURCES, 'scheduler.ts'], { cwd: folder }).ended;
    expect(end).toMatchObject({ code: 0, stdout: 'heartbeat 1\nheartbeat 2\nheartbeat 3\n', stderr: '' });
  });
});
