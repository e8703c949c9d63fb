import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cliInProcess } from './cli-in-process.ts';
import { startEngine, temporaryFolder } from './cli-process.ts';

it('is not waited for as long as its work may take: what asks a stopped engine is told after a short question', async () => {
  using home = temporaryFolder();
  writeFileSync(
    join(home.path, 'qts-ops.config.yaml'),
    'instance: desk\ntargets:\n  - { id: quick, on: demand, run: { exec: ["true"] } }\n',
  );
  await using engine = await startEngine(home.path);
  // Stopped, it still holds its lock and its socket, and the system still takes connections for it.
  engine.kill('SIGSTOP');
  const words = [
    { within: 5000, of: ['alerts', 'test', '--channel', 'log'] },
    { within: 5000, of: ['health', 'run'] },
    { within: 10_000, of: ['alerts'] },
    { within: 10_000, of: ['health'] },
    { within: 10_000, of: ['targets'] },
    { within: 10_000, of: ['executions'] },
    { within: 10_000, of: ['audit'] },
    { within: 10_000, of: ['heartbeat', 'nightly'] },
  ];
  const ends = await Promise.all(words.map(({ of }) => cliInProcess(home.path, ...of)));
  for (const [index, { exitCode, out, err }] of ends.entries()) {
    expect({ of: words[index]?.of, exitCode, out }).toEqual({ of: words[index]?.of, exitCode: 3, out: '' });
    expect(err).toMatch(/^EXT-0107: .*\nremedy: /);
    expect(err).toContain(`: no answer within ${words[index]?.within} ms\n`);
  }
});
