/** The specification's scheduler: named callables at intervals; one that fails never stops the others. */
import { MinimalScheduler, silentLogger, TARGET_BROKER_HEARTBEAT, TARGET_PIPELINE } from '@qts-ops/core';

let beats = 0;

await new MinimalScheduler({ shouldStop: () => beats >= 3, logger: silentLogger })
  .addTarget(TARGET_PIPELINE, 200, async () => {
    throw new Error('no bars today');
  })
  .addTarget(TARGET_BROKER_HEARTBEAT, 100, () => {
    beats += 1;
    console.log(`heartbeat ${beats}`);
  })
  .run();
