import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initConfig } from './init-config.ts';
import { createConfig, loadConfig } from './load-config.ts';

/** What the child says about one file. */
interface Outcome {
  readonly code?: string;
  readonly text?: string;
  readonly description?: { readonly targets: readonly { readonly id: string; readonly title?: string }[] };
  readonly equalsYaml?: boolean;
}

const canary = 'canary-7f3a9c-do-not-print-me';
let home: string;
let outcomes: ReadonlyMap<string, Outcome>;

function write(name: string, text: string): string {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const yamlTwin = `
instance: desk-1
environment: PAPER
timeZone: Asia/Seoul
drain: 10s
pools: { heavy: 2 }
calendars: { NIGHT: ./night.csv, DAY: { file: ./night.csv, timeZone: Asia/Tokyo } }
targets:
  - id: pipeline
    title: same copy
    on: { every: 1s, mode: delay, runOnStart: true }
    run: { exec: [python, -m, desk.main], cwd: work, env: { TOKEN: { env: DESK_TOKEN } }, exitCodes: { 3: success } }
    timeout: 30s
  - { id: score, on: { cron: '0 17 13 * 5', dayMatch: or }, run: { isolated: { module: ./score.ts, export: score } } }
  - { id: spread, on: { every: 1h, spread: true }, run: { exec: [./bin/x] } }
  - { id: asked, on: demand, run: { exec: [date] }, errorBackoffMs: 7000, recovery: manual }
  - { id: ticks, on: { every: 5s }, calendar: NIGHT, window: open-30m..close, jitter: 1s, run: { exec: [date] }, missed: { all: { maxCatchUp: 3 } }, overlap: { queue: 2 } }
  - { id: close, on: { at: close+5m, calendar: DAY }, run: { exec: [date] }, missed: latest, retry: { maxAttempts: 3, categories: [EXT] }, pool: heavy, priority: 9 }
  - { id: report, after: [close], afterOn: all-done, run: { exec: [date] }, overlap: queue-one, retry: 2 }
`;

const typescriptTwin = `
import { at, cron, defineConfig, every, exec, isolated, onDemand, secret, target } from '@qts-ops/core';
import { OpsException } from '@qts-ops/core/plugin';
type Title = string;
const title: Title = globalThis.runningDefineConfig === defineConfig && OpsException.name === 'OpsException' ? 'same copy' : 'two copies';
export default defineConfig({
  instance: 'desk-1', environment: 'PAPER', timeZone: 'Asia/Seoul', drain: 10_000,
  pools: { heavy: 2 },
  calendars: { NIGHT: './night.csv', DAY: { file: './night.csv', timeZone: 'Asia/Tokyo' } },
  targets: [
    target('pipeline', {
      title,
      on: every('1s', { mode: 'delay', runOnStart: true }),
      run: exec('python', ['-m', 'desk.main'], { cwd: 'work', env: { TOKEN: secret({ env: 'DESK_TOKEN' }) }, exitCodes: { '3': 'success' } }),
      timeout: '30s',
    }),
    target('score', { on: cron('0 17 13 * 5', { dayMatch: 'or' }), run: isolated({ module: './score.ts', export: 'score' }) }),
    target('spread', { on: every('1h', { spread: true }), run: exec('./bin/x') }),
    target('asked', { on: onDemand(), run: exec('date'), errorBackoffMs: 7000, recovery: 'manual' }),
    target('ticks', { on: every('5s'), calendar: 'NIGHT', window: 'open-30m..close', jitter: '1s', run: exec('date'), missed: { all: { maxCatchUp: 3 } }, overlap: { queue: 2 } }),
    target('close', { on: at('close+5m', { calendar: 'DAY' }), run: exec('date'), missed: 'latest', retry: { maxAttempts: 3, categories: ['EXT'] }, pool: 'heavy', priority: 9 }),
    target('report', { after: ['close'], afterOn: 'all-done', run: exec('date'), overlap: 'queue-one', retry: 2 }),
  ],
});
`;

/** Sessions of twenty years from 2020 on, so that the data hold whatever the day of this test is. */
const night = [
  'date,open,close',
  ...Array.from({ length: 20 * 12 }, (_, month) => {
    return `${new Date(Date.UTC(2020, month, 15)).toISOString().slice(0, 10)},18:00-1d,05:00`;
  }),
].join('\n');

const plain = `export default { instance: 'desk', targets: [{ id: 'a', on: 'demand', run: () => 1 }] };`;

const childScript = `
import { isDeepStrictEqual } from 'node:util';
const config = await import(process.argv[1]);
globalThis.runningDefineConfig = config.defineConfig;
const yaml = await config.loadConfig(process.argv[2]);
const results = [];
for (const file of process.argv.slice(3)) {
  try {
    const loaded = await config.loadConfig(file);
    const equalsYaml = isDeepStrictEqual({ ...loaded, configPath: yaml.configPath }, yaml);
    results.push({ description: config.describeConfig(loaded), equalsYaml });
  } catch (error) {
    const texts = [error.message, error.stack, JSON.stringify(error.data), error.cause?.message, error.cause?.stack];
    results.push({ code: error.code, text: error.message, leaks: texts.join().includes('${canary}') });
  }
}
console.log(JSON.stringify(results));
`;

beforeAll(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'qts-load-'));
  const yaml = write('yaml/qts-ops.config.yaml', yamlTwin);
  for (const folder of ['yaml', 'twin']) write(`${folder}/night.csv`, night);
  write('twin/package.json', '{ "type": "commonjs" }');
  symlinkSync(path.join(home, 'twin'), path.join(home, 'yaml', 'link'));
  const files = new Map([
    ['twin', write('yaml/qts-ops.config.ts', typescriptTwin)],
    ['commonjs package', write('twin/qts-ops.config.ts', typescriptTwin)],
    ['link', path.join(home, 'yaml', 'link', 'qts-ops.config.ts')],
    ['js', write('js/qts-ops.config.js', plain)],
    ['mjs', write('mjs/qts-ops.config.mjs', plain)],
    ['init', initConfig(path.join(home, 'init'), { format: 'ts' }).configPath],
    [
      'throws',
      write(
        'a/qts-ops.config.ts',
        "const x: number = 1;\nthrow new Error('no ' + process.env.DESK_TOKEN);\nexport default x;",
      ),
    ],
    ['throws text', write('b/qts-ops.config.mts', "throw 'text';")],
    ['no default', write('c/qts-ops.config.ts', 'export const config = {};')],
    ['enum', write('d/qts-ops.config.ts', 'enum Mode { A }\nexport default { mode: Mode.A };')],
    ['syntax', write('e/qts-ops.config.ts', 'export default {\n  instance: ,\n};')],
    ['missing import', write('f/qts-ops.config.ts', "import './work.ts';\nexport default {};")],
    ['missing plugin', write('g/qts-ops.config.ts', "import '@qts-ops/alert-pigeon';\nexport default {};")],
    [
      'missing name',
      write('h/qts-ops.config.ts', "import { evry } from '@qts-ops/core';\nexport default evry;"),
    ],
  ]);
  outcomes = await loadInChild(yaml, files);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** TypeScript configs need the loader of a real process; the test runner has its own. */
async function loadInChild(yaml: string, files: ReadonlyMap<string, string>): Promise<Map<string, Outcome>> {
  const entry = new URL('./index.ts', import.meta.url).href;
  const flags = ['--conditions=@qts-ops/source', '--input-type=module', '--eval', childScript];
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...flags, '--', entry, yaml, ...files.values()],
    { cwd: home, env: { ...process.env, DESK_TOKEN: canary } },
  );
  expect(stderr).toBe('');
  const results: Outcome[] = JSON.parse(stdout);
  return new Map([...files.keys()].map((name, index) => [name, results[index] ?? {}]));
}

describe('a TypeScript config outside the repository', () => {
  it('gives the same configuration as its YAML twin', () => {
    expect(outcomes.get('twin')).toMatchObject({ equalsYaml: true });
  });

  it.each(['twin', 'commonjs package', 'link'])('is given the running copy of the engine (%s)', (name) => {
    expect(outcomes.get(name)?.description?.targets[0]).toMatchObject({ title: 'same copy' });
  });

  it.each(['js', 'mjs'])('may as well be .%s, without a package.json', (name) => {
    expect(outcomes.get(name)?.description?.targets).toMatchObject([{ id: 'a' }]);
  });

  it('as init writes it loads as it is', () => {
    expect(outcomes.get('init')?.description?.targets).toMatchObject([
      { id: 'heartbeat', run: { kind: 'function' } },
      { id: 'memory', run: { kind: 'command' } },
    ]);
  });
});

describe('a config that cannot be loaded', () => {
  it.each([
    ['throws', /qts-ops\.config\.ts:2: threw while it was loaded: no \[secret\]; remedy: /],
    ['throws text', /threw while it was loaded: a value that is no Error/],
    ['no default', /has no default export; remedy: write 'export default defineConfig/],
    ['enum', /:1: .*enum.*; remedy: replace enum by a const object/],
    ['syntax', /:2: is not valid TypeScript: .*; remedy: correct the syntax/],
    ['missing import', /imports something that is not there: .*work\.ts.*; remedy: correct the path/],
    ['missing plugin', /; remedy: install it beside qts-ops: npm install @qts-ops\/alert-pigeon/],
    ['missing name', /cannot be read as a module: .*'evry'/],
  ])('says why and what to do (%s)', (name, text) => {
    expect(outcomes.get(name)).toMatchObject({
      code: 'INP-0603',
      text: expect.stringMatching(text),
      leaks: false,
    });
  });

  it('is named when it does not exist, is a folder or has another ending', async () => {
    await expect(loadConfig(path.join(home, 'nowhere.yaml'))).rejects.toThrow(
      /nowhere\.yaml: does not exist/,
    );
    await expect(loadConfig(home)).rejects.toThrow(/is not a file/);
    await expect(loadConfig(write('config.toml', ''))).rejects.toThrow(
      /'\.toml' is not the ending of a config/,
    );
  });
});

describe('a YAML or JSON config', () => {
  it('reports every syntax error with its line and none of its text', async () => {
    const file = write('bad/qts-ops.config.yaml', `instance: a\ninstance: b\nenv: "${canary}\n`);
    await expect(loadConfig(file)).rejects.toThrow(
      expect.objectContaining({
        code: 'INP-0305',
        message: expect.stringMatching(/2 problems.*\(line 2\).*\(line 4\)/s),
      }),
    );
    await expect(loadConfig(file)).rejects.not.toThrow(canary);
  });

  it('explains an expression without quotes', async () => {
    const file = write(
      'star/qts-ops.config.yaml',
      'instance: a\ntargets:\n  - { id: a, on: { cron: * * * * * } }\n',
    );
    await expect(loadConfig(file)).rejects.toThrow(/line 3.*begin with \*/s);
  });

  it('does not expand aliases without end', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef'])
      bomb.push(`${to}: &${to} [${`*${from}, `.repeat(10)}x]`);
    await expect(loadConfig(write('bomb/qts-ops.config.yaml', bomb.join('\n')))).rejects.toThrow(
      expect.objectContaining({ code: 'INP-0305' }),
    );
  });

  it('may be JSON indented with tabs', async () => {
    const targets = [{ id: 'a', on: 'demand', run: { exec: ['date'] } }];
    const file = write(
      'json/qts-ops.config.json',
      JSON.stringify({ instance: 'desk', targets }, undefined, '\t'),
    );
    expect(await loadConfig(file)).toMatchObject({ instance: 'desk', configPath: file });
  });

  it('names the line of a problem', async () => {
    const file = write('line/qts-ops.config.json', '{\n  "instance": "desk",\n  "targets": []\n}');
    await expect(loadConfig(file)).rejects.toThrow(/targets \(line 3\)/);
  });
});

describe('createConfig', () => {
  it('checks what a program made itself', () => {
    const targets = [{ id: 'a', on: 'demand' as const, run: () => 1 }];
    expect(createConfig({ instance: 'desk', targets })).not.toHaveProperty('configPath');
    expect(() => createConfig({ instance: '', targets })).toThrow(/^the configuration has 1 problem:/);
  });
});
