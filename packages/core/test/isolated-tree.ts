import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TargetContext } from '../src/ports/target.ts';

/** Writes its line, leaves a detached child behind, and takes a moment. */
export async function growTree({ executionId, signal }: TargetContext): Promise<void> {
  const stateFolder = process.env['QTS_OPS_STATE'] ?? '';
  appendFileSync(join(stateFolder, '..', 'effects'), `${executionId}\n`);
  spawn('sleep', ['300'], { detached: true, stdio: 'ignore' }).unref();
  await delay(300, undefined, { signal });
}
