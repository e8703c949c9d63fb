import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../packages/core/src/adapters/store-sql/sqlite-store.ts';
import { silentLogger } from '../packages/core/src/index.ts';
import { VirtualClock } from '../packages/core/src/testing/virtual-clock.ts';
import { HealthChecks } from '../packages/core/src/watch/health/health-checks.ts';
import { callableCheck } from '../packages/core/src/watch/health/registered-check.ts';
import { withFolder } from './bench-folder.ts';
import { type Bench, type BenchRow, type Effort, median } from './bench-row.ts';
import { cpuMsOf } from './process-meter.ts';

/** What it costs to look after a thousand things. */
export const watchChecks: Bench = {
  name: 'watch-checks',
  about: 'health checks: 1,000 of them once a minute on a virtual clock and a real file, nothing else',
  run: (effort) => withFolder((folder) => measure(folder, effort)),
};

const CHECKS = 1000;
const MINUTE_MS = 60_000;

interface Minutes {
  readonly cpuMsPerLook: number;
  readonly commitsPerMinute: number;
  readonly kibPerMinute: number;
}

/** Every check is well, or every hundredth of them fails in every second minute. */
type Weather = 'well' | 'changing';

async function measure(folder: string, effort: Effort): Promise<readonly BenchRow[]> {
  const { rounds, minutes } = effort === 'full' ? { rounds: 3, minutes: 20 } : { rounds: 1, minutes: 4 };
  const taken = { well: [] as Minutes[], changing: [] as Minutes[] };
  for (let round = 0; round < rounds; round++) {
    for (const weather of ['well', 'changing'] as const) {
      taken[weather].push(await watch(join(folder, `${weather}-${round}.db`), minutes, weather));
    }
  }
  return [...rowsOf('well', taken.well), ...rowsOf('changing', taken.changing)];
}

function rowsOf(weather: Weather, taken: readonly Minutes[]): readonly BenchRow[] {
  const of =
    weather === 'well' ? '1,000 checks a minute, all well' : '1,000 checks a minute, ten change every minute';
  const middle = (read: (minutes: Minutes) => number) => median(taken.map(read));
  const perMinute = middle((minutes) => minutes.cpuMsPerLook) * CHECKS;
  return [
    {
      id: `look-${weather}`,
      name: `${of}: processor for one look that costs nothing itself`,
      value: 1000 * middle((minutes) => minutes.cpuMsPerLook),
      unit: 'µs',
      better: 'less',
      goal: 500,
      note: `${((100 * perMinute) / MINUTE_MS).toFixed(2)} % of one processor in all`,
    },
    {
      id: `commits-${weather}`,
      name: `${of}: commits`,
      value: middle((minutes) => minutes.commitsPerMinute),
      unit: 'commits/min',
      better: 'less',
      goal: 60,
      note: `${Math.round(middle((minutes) => minutes.kibPerMinute)).toLocaleString('en')} KiB a minute into the file`,
    },
  ];
}

async function watch(path: string, minutes: number, weather: Weather): Promise<Minutes> {
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path, now: () => clock.now() });
  let looks = 0;
  let commits = 0;
  const look = (place: number) => () => {
    looks += 1;
    const minute = Math.floor(clock.mono() / MINUTE_MS);
    return weather === 'well' || (place + minute) % 200 !== 0;
  };
  const checks = Array.from({ length: CHECKS }, (_, n) =>
    callableCheck(`check-${n}`, look(n), { failuresToAlert: 1, successesToResolve: 1, flapping: false }),
  );
  const health = new HealthChecks({
    checks,
    store,
    commit: (changes) => {
      commits += 1;
      return store.commit(changes);
    },
    clock,
    randomness: { bytes: (count) => new Uint8Array(count).fill(128) },
    logger: silentLogger,
  });
  await health.start();
  // The first look of each makes its rows; that is not the daily load.
  await clock.advance(2 * MINUTE_MS);
  const before = { looks, commits, cpuMs: cpuMsOf('self'), bytes: pagesOf(path) };
  await clock.advance(minutes * MINUTE_MS);
  const cpuMs = cpuMsOf('self') - before.cpuMs;
  const seen = {
    cpuMsPerLook: cpuMs / (looks - before.looks),
    commitsPerMinute: (commits - before.commits) / minutes,
    kibPerMinute: (pagesOf(path) - before.bytes) / 1024 / minutes,
  };
  await health.stop();
  await store.close();
  return seen;
}

/** How large the database has become, bytes. */
function pagesOf(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const number = (pragma: string) =>
    Number(Object.values(database.prepare(`pragma ${pragma}`).get() ?? {})[0]);
  return number('page_count') * number('page_size');
}
