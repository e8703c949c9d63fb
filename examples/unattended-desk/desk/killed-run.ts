import { fileSource } from './bar-sources.ts';
import { lockDesk } from './desk-lock.ts';
import { runBatch } from './desk-run.ts';
import { type Disk, nodeDisk } from './durable-files.ts';

/**
 * A program for tests: consumes a bar file batch after batch as fast as it can and kills itself with SIGKILL at the
 * n-th file operation (0 for never); a write that is hit leaves half of its data behind.
 * `node killed-run.ts DATA_DIR BAR_FILE BATCH KILL_AT`
 */
const [dataDir = '', barFile = '', batch = '', killAt = ''] = process.argv.slice(2);

function dieAt(operation: number): Disk {
  let operations = 0;
  const isTheEnd = () => ++operations === operation;
  const die = () => process.kill(process.pid, 'SIGKILL');
  /** The same operation, unless the process ends instead. */
  const orDie =
    <Args extends unknown[], Result>(operate: (...args: Args) => Result) =>
    (...args: Args) => {
      if (isTheEnd()) die();
      return operate(...args);
    };
  return {
    open: orDie(nodeDisk.open),
    sync: orDie(nodeDisk.sync),
    truncate: orDie(nodeDisk.truncate),
    close: orDie(nodeDisk.close),
    rename: orDie(nodeDisk.rename),
    makeFolder: orDie(nodeDisk.makeFolder),
    write(fd, data) {
      const isLast = isTheEnd();
      nodeDisk.write(fd, isLast ? data.subarray(0, Math.floor(data.length / 2)) : data);
      if (isLast) die();
    },
  };
}

using _lock = lockDesk(dataDir);
const source = fileSource(barFile);
const disk = dieAt(Number(killAt));
for (;;) {
  const result = await runBatch({ dataDir, source, batch: Number(batch), disk });
  process.stdout.write(`${result.state.cursor}\n`);
  if (result.ended === 'source-exhausted') break;
}
