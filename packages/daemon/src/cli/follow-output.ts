import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionDetail, OpsClient } from '@qts-ops/core/client';

/** How often a running execution is asked for more. */
const ASK_EVERY_MS = 250;

/** Prints the output of an execution as it grows; resolves with the ended execution. */
export async function followOutput(
  client: OpsClient,
  executionId: string,
  print: (text: string) => void,
): Promise<ExecutionDetail> {
  let offset = 0;
  for (;;) {
    const chunk = await client.output(executionId, offset);
    if (chunk.text !== '') print(chunk.text);
    const more = chunk.nextOffset > offset;
    offset = chunk.nextOffset;
    if (chunk.ended && !more) return await client.execution(executionId);
    if (!more) await sleep(ASK_EVERY_MS);
  }
}

/** Waits until an execution has ended. */
export async function waitForEnd(client: OpsClient, executionId: string): Promise<ExecutionDetail> {
  for (;;) {
    const detail = await client.execution(executionId);
    if (detail.status !== 'READY' && detail.status !== 'RUNNING') return detail;
    await sleep(ASK_EVERY_MS);
  }
}
