import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { runningCopyArguments } from './resolve-hook.ts';

const home = mkdtempSync(path.join(os.tmpdir(), 'qts-hook-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it.each([[[]], [['--conditions=@qts-ops/source']]])(
  'a child process with the flags %j gives modules outside the installation the running copy',
  async (flags) => {
    const module = path.join(home, 'work.ts');
    writeFileSync(
      module,
      "import { OpsException } from '@qts-ops/core/plugin';\n" +
        "console.log(import.meta.resolve('@qts-ops/core/plugin'), OpsException.name);\n",
    );
    writeFileSync(path.join(home, 'package.json'), '{ "type": "module" }');
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [...flags, ...runningCopyArguments(), module],
      { cwd: home },
    );
    expect(stderr).toBe('');
    expect(stdout).toBe(`${new URL('../../plugin.ts', import.meta.url).href} OpsException\n`);
  },
);
