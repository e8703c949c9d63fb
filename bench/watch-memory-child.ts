import { openWatchAlerts, raiseOf } from './watch-alert-desk.ts';

/*
 * `watch-memory-child.ts DATABASE COUNT`: raises COUNT alerts, has them told, and prints what they keep in memory as JSON.
 */

/** What open alerts keep in memory. */
export interface OpenAlertsMemory {
  readonly open: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

const [path = '', count = ''] = process.argv.slice(2);
const AT_ONCE = 500;

await using desk = await openWatchAlerts(path, { channels: ['loopback'] });
desk.alerts.start();
const before = memory();
for (let done = 0; done < Number(count); done += AT_ONCE) {
  const keys = Array.from({ length: AT_ONCE }, (_, n) => `open:${done + n}`);
  await desk.alerts.signal(...keys.map(raiseOf));
  await desk.told(done + AT_ONCE);
}
const after = memory();
const result: OpenAlertsMemory = {
  open: desk.alerts.open().length,
  heapBytes: after.heapUsed - before.heapUsed,
  residentBytes: after.rss - before.rss,
};
process.stdout.write(JSON.stringify(result));

function memory(): NodeJS.MemoryUsage {
  globalThis.gc?.();
  return process.memoryUsage();
}
