import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../packages/tui/build.ts';
import { repository } from './journey-programs.ts';

/** Builds `qts-tui` from its sources into a folder and returns the file that runs it. */
export async function bundleScreen(folder: string): Promise<string> {
  const entry = join(repository, 'packages/tui/src/main.ts');
  await bundle({ entry, outdir: folder, core: 'source' });
  const program = join(folder, 'qts-tui.mjs');
  writeFileSync(program, "import { main } from './main.js';\nawait main(process.argv.slice(2));\n");
  return program;
}
