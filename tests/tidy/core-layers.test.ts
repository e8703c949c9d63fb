import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPureFile, layerOffence } from './core-layers.ts';
import { importList } from './import-list.ts';
import { maskSource } from './mask-source.ts';
import { isTest, type RepositoryFile, repositoryFiles } from './repository-files.ts';

const CORE = 'packages/core/src/';

describe('the layer check', () => {
  it.each([
    ['kernel/ids.ts', "import { a } from '../ports/clock.ts';", 'kernel imports nothing else'],
    ['kernel/ids.ts', "import { readFile } from 'node:fs/promises';", 'kernel hashes and nothing else'],
    ['ports/clock.ts', "import type { A } from '../run/targets/target.ts';", 'ports import kernel only'],
    ['run/targets/target.ts', "import { a } from '../scheduler/schedule.ts';", 'comes after'],
    [
      'run/executions/executions.ts',
      "import { T } from '../targets/targets.ts';",
      'must come from a pure file',
    ],
    [
      'run/scheduler/scheduler.ts',
      "import { s } from '../../adapters/clock-system/clock.ts';",
      'does not see adapters',
    ],
    ['run/scheduler/scheduler.ts', "import { o } from '../../engine/ops.ts';", 'does not see engine'],
    ['run/scheduler/scheduler.ts', "import type { A } from '../../keep/backup/backup.ts';", 'comes after'],
    ['run/targets/target.ts', "import { audit } from '../../guard/audit/audit-entry.ts';", 'comes after'],
    ['run/scheduler/scheduler.ts', "import cron from 'node-cron';", 'adapters/cron-node/'],
    ['run/executions/executions.ts', "import { setTimeout } from 'node:timers/promises';", 'reads the world'],
    ['adapters/store-sql/x.ts', "import type { E } from '../../run/executions/executions.ts';", 'services'],
    ['adapters/store-sql/x.ts', "import { y } from '../cron-node/y.ts';", 'another adapter'],
    ['adapters/store-sql/x.ts', "import { a } from '../../run/targets/targets.ts';", 'pure file'],
    [
      'client/ops-client.ts',
      "import { create } from '../engine/create-ops.ts';",
      'types and pure files only',
    ],
    ['engine/create-ops.ts', "import { VirtualClock } from '../testing/virtual-clock.ts';", 'only tests'],
    ['plugin.ts', "export { a } from './run/targets/target.ts';", 'kernel words and ports only'],
    ['index.ts', "export { a } from './testing/a.ts';", 'does not show testing'],
    ['run/targets/target.ts', "import { merge } from 'lodash';", 'not a package of core'],
    ['run/targets/target.ts', "import { x } from '../../../../daemon/src/x.ts';", 'leaves the package'],
  ])('catches in %s: %s', (path, text, reason) => {
    const services = ['run/targets/targets.ts', 'run/executions/executions.ts', 'engine/create-ops.ts'];
    const offences = layerOffences([source(path, text), ...services.map((name) => source(name, 'await 1;'))]);
    expect(offences).toHaveLength(1);
    expect(offences[0]).toContain(reason);
  });

  it.each([
    ['run/targets/target.ts', "import type { Schedule } from '../scheduler/schedule.ts';"],
    ['run/targets/target.ts', "import type { AuditChange } from '../../guard/audit/audit-entry.ts';"],
    ['run/scheduler/turn-rules.ts', "import { isTerminal } from '../executions/execution.ts';"],
    ['adapters/store-sql/x.ts', "import { STATUSES } from '../../run/executions/execution.ts';"],
    ['adapters/store-sql/x.ts', "import type { S } from '../../run/executions/execution-store.ts';"],
    ['engine/create-ops.ts', "import { a } from '../adapters/http-node/a.ts';"],
    ['client/index.ts', "export type { Ops } from '../engine/ops.ts';"],
    ['adapters/cron-node/x.ts', "import cron from 'node-cron';"],
    ['kernel/ids.ts', "import { createHash } from 'node:crypto';"],
  ])('allows in %s: %s', (path, text) => {
    const pure = source('run/executions/execution.ts', 'export const isTerminal = 1;');
    expect(layerOffences([source(path, text), pure])).toEqual([]);
  });
});

it('every file of core imports only what its layer may see', () => {
  const files = repositoryFiles().filter(({ path }) => path.startsWith(CORE) && !isTest(path));
  expect(layerOffences(files)).toEqual([]);
});

function layerOffences(files: readonly RepositoryFile[]): string[] {
  const texts = new Map(files.map(({ path, text }) => [path.slice(CORE.length), text]));
  const lookUp = (path: string) => {
    const text = texts.get(path);
    return text === undefined
      ? undefined
      : { pure: isPureFile(path, maskSource(text, path.endsWith('x')).code) };
  };
  return files.flatMap(({ path, text }) => {
    const inside = path.slice(CORE.length);
    return importList(text, path.endsWith('x')).flatMap((edge) => {
      const offence = layerOffence(inside, edge, lookUp);
      return offence === undefined ? [] : [`${path}:${edge.line}: ${edge.specifier}: ${offence}`];
    });
  });
}

function source(path: string, text: string): RepositoryFile {
  return { path: posix.join(CORE, path), text };
}
