import { schedule } from 'node-cron';

/* `cron-child.ts COUNT SECONDS`: node-cron alone calls COUNT functions every SECONDS seconds and keeps nothing. */
const [count = '0', seconds = '1'] = process.argv.slice(2);
for (let n = 0; n < Number(count); n++)
  schedule(`*/${seconds} * * * * *`, () => undefined, { timezone: 'UTC' });
setInterval(() => undefined, 3_600_000);
