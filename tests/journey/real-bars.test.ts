import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countRows } from '../../examples/unattended-desk/desk/counts.ts';
import { readState } from '../../examples/unattended-desk/desk/desk-state.ts';
import { deskSettings } from '../../examples/unattended-desk/desk-settings.ts';
import { demoFolder, repository, startQtsOps, until } from './journey-programs.ts';
import { clientOf, untilAnswers } from './running-engine.ts';
import { quickPlace, temporaryPlace } from './temporary-place.ts';

/** The folder named in QTS_MARKET_DATA, else a folder named shared/data/market beside the repository. */
const marketData = process.env['QTS_MARKET_DATA'] ?? join(repository, '..', 'shared', 'data', 'market');

it.for(['intraday.csv', 'bitcoin.csv'])(
  'the pipeline target consumes every row of %s and writes as many of each kind',
  { concurrent: true },
  async (name, { skip }) => {
    const barsPath = join(marketData, name);
    skip(!existsSync(barsPath), `${barsPath} is absent; set QTS_MARKET_DATA to a folder that holds ${name}`);
    using folder = temporaryPlace(quickPlace);
    const stateFolder = folder.path;
    const env = {
      DESK_HOME: stateFolder,
      DESK_BARS: barsPath,
      DESK_EVERY: '1s',
      DESK_BATCH: '500',
      DESK_PACE_MS: '0',
    };
    const rows = dataRows(barsPath);
    const { dataDir } = deskSettings(env);
    const config = join(demoFolder, 'qts-ops.config.ts');
    await using engine = startQtsOps(['run', '--config', config, '--state', stateFolder], {
      cwd: demoFolder,
      env,
    });
    await untilAnswers(stateFolder, engine);
    await until(`all ${rows} rows are consumed`, () => readState(dataDir)?.cursor === rows);

    await using client = clientOf(stateFolder);
    const runs = await client.executions({ jobId: 'pipeline', limit: 1_000 });
    expect(runs.items.filter(({ status }) => status === 'FAILED')).toEqual([]);
    expect(runs.count).toBeGreaterThanOrEqual(Math.ceil(rows / 500));
    engine.child.kill('SIGTERM');
    expect(await engine.ended).toMatchObject({ code: 0 });

    const kind = { rows, missing: 0, duplicates: 0, unreadable: 0, uncommitted: 0 };
    expect(await countRows(dataDir)).toMatchObject({
      bars: rows,
      rejectedRows: 0,
      kinds: { raw_snapshot: kind, pattern_record: kind, decision_snapshot: kind },
      complete: true,
    });
  },
);

/** Counts rows without the reader under test: lines with text, less the header. */
function dataRows(path: string): number {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').length - 1;
}
