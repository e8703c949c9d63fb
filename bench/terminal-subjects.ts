import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { socketPathOf } from '../packages/core/src/index.ts';
import { endProcess } from './daemon-process.ts';
import type { Load } from './load-engine.ts';

/** A program that paints, and how it is used. */
export interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Painted with the first data and not before. */
  readonly firstData: string;
  /** Two keys that move the cursor there and back. */
  readonly keys: readonly [string, string];
}

const BIN = fileURLToPath(new URL('../packages/tui/bin/qts-tui.js', import.meta.url));
const BUNDLE = fileURLToPath(new URL('../packages/tui/dist/bundle/main.js', import.meta.url));
const LOAD_ENGINE = fileURLToPath(new URL('./load-engine.ts', import.meta.url));

/** The screen of the engine that has a state folder, with what it keeps between starts in `folder`. */
export function screenOn(stateFolder: string, folder: string): Subject {
  if (!existsSync(BUNDLE)) throw new Error(`${BUNDLE} is missing: run 'npm run build' first`);
  return {
    name: 'qts-tui',
    command: [process.execPath, BIN, '--state', stateFolder],
    environment: { NODE_COMPILE_CACHE: join(folder, 'compile-cache') },
    firstData: 'target-0001',
    keys: ['j', 'k'],
  };
}

/** htop once a second with nothing configured; absent where it is not installed. */
export function htop(folder: string): Subject | undefined {
  if (spawnSync('htop', ['--version']).error !== undefined) return undefined;
  return {
    name: 'htop at 1 s',
    command: ['htop', '-d', '10'],
    environment: { HOME: folder, HTOPRC: join(folder, 'htoprc') },
    firstData: 'Load average',
    keys: ['\x1b[B', '\x1b[A'],
  };
}

/** Starts an engine that makes a load where a state folder has its socket; the returned function ends it. */
export async function startLoad(stateFolder: string, load: Load): Promise<() => Promise<void>> {
  const socketPath = socketPathOf(stateFolder);
  const child = spawn(process.execPath, ['--conditions=@qts-ops/source', LOAD_ENGINE, socketPath, load], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const failed = once(child, 'exit').then(() => {
    throw new Error('the engine of the load ended');
  });
  failed.catch(() => undefined);
  await Promise.race([once(child.stdout, 'data'), failed]);
  return () => endProcess(child, 'SIGKILL');
}
