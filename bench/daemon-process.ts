import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connectSocket, type OpsClient, resolveSocket } from '../packages/core/src/client/index.ts';
import { rest } from './bench-row.ts';

const BUILT = fileURLToPath(new URL('../packages/daemon/dist/main.js', import.meta.url));
const SOURCE = fileURLToPath(new URL('../packages/daemon/src/main.ts', import.meta.url));
const BIN = fileURLToPath(new URL('../packages/daemon/bin/qts-ops.js', import.meta.url));

/** What is measured: the built program when there is one. */
export const DAEMON_BUILD: 'built' | 'from source' = existsSync(BUILT) ? 'built' : 'from source';

/** An engine in a process of its own. */
export interface DaemonProcess {
  readonly pid: number;
  readonly spawnedAtMs: number;
  /** From the start of the process to its first answer, ms. */
  readonly answeredAfterMs: number;
  readonly client: OpsClient;
  /** Asks it to end and waits for it. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `qts-ops run` and waits until it answers on its socket. */
export async function startDaemon(configPath: string, stateFolder: string): Promise<DaemonProcess> {
  const program = DAEMON_BUILD === 'built' ? [BIN] : ['--conditions=@qts-ops/source', SOURCE];
  const options = ['run', '--config', configPath, '--state', stateFolder];
  const spawnedAtMs = Date.now();
  const child = spawn(process.execPath, [...program, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(-2000);
  });
  const client = connectSocket({ socketPath: resolveSocket(stateFolder), operatorId: 'bench' });
  while (!(await answers(client))) {
    if (child.exitCode !== null) throw new Error(`qts-ops run ended with ${child.exitCode}: ${complaint}`);
    await rest(1);
  }
  return {
    pid: child.pid ?? 0,
    spawnedAtMs,
    answeredAfterMs: Date.now() - spawnedAtMs,
    client,
    end: async (signal = 'SIGTERM') => {
      await client[Symbol.asyncDispose]();
      await endProcess(child, signal);
    },
  };
}

/** Sends a signal and waits until the process is gone. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

async function answers(client: OpsClient): Promise<boolean> {
  try {
    await client.snapshot();
    return true;
  } catch {
    return false;
  }
}
