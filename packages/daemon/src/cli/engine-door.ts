import { connectSocket, type OpsClient, resolveSocket, stateFolderOf } from '@qts-ops/core/client';
import type { CliIo } from './cli-io.ts';

/** Asks the engine of the state folder the command means, and lets go of it afterwards. */
export async function askEngine(
  args: { readonly state?: string | undefined },
  io: CliIo,
  ask: (client: OpsClient, stateFolder: string) => Promise<number>,
): Promise<number> {
  const stateFolder = stateFolderOf({ state: args.state, env: io.env, cwd: io.cwd });
  await using client = connectSocket({ socketPath: resolveSocket(stateFolder), operatorId: io.operatorId });
  return await ask(client, stateFolder);
}

/** Prints one JSON value, indented, so that it reads well and parses anywhere. */
export function printJson(io: CliIo, value: unknown): void {
  io.out(`${JSON.stringify(value, null, 2)}\n`);
}
