import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { defineHealthCheck } from '../ports/define-health-check.ts';
import type { CheckFinding, HealthCheckInstance } from '../ports/health-check.ts';
import { secretOption } from '../ports/plugin-secret.ts';
import { describeHealthCheck } from './describe-health-check.ts';
import {
  type HealthCheckContract,
  healthCheckCases,
  type LookedAtState,
} from './describe-health-check-cases.ts';
import { runCases } from './run-cases.ts';

const SECRET = 'plantedToken1';
const OptionsSchema = z.strictObject({ folder: z.string().min(1), token: secretOption });

type Options = z.output<typeof OptionsSchema>;
type Create = (options: Options) => HealthCheckInstance;

/** A check that keeps the contract: it reads one word from a file. The others below break one promise each. */
const good: Create = ({ folder }) => ({
  check: async ({ signal }) => {
    try {
      if (statSync(join(folder, 'state')).size === 0) await delay(60_000, undefined, { signal });
      return findingFor(readFileSync(join(folder, 'state'), 'utf8'));
    } catch (error) {
      return { status: 'unknown', message: error instanceof Error ? error.name : 'unreadable' };
    }
  },
});

describeHealthCheck('a sound check', contractOf(good));

it.each<[string, Create, readonly string[]]>([
  [
    'always says pass',
    () => ({ check: async () => ({ status: 'pass', message: 'ok' }) }),
    [
      'says fail when it is not well',
      'says unknown, and not fail, when it cannot look',
      'stops soon when it is told to while it waits, and does not call that pass',
    ],
  ],
  [
    'calls what it cannot see a failure',
    (options) => ({
      check: async (call) => {
        const finding = await good(options).check(call);
        return finding.status === 'unknown' ? { ...finding, status: 'fail' } : finding;
      },
    }),
    ['says unknown, and not fail, when it cannot look'],
  ],
  [
    'throws',
    ({ folder }) => ({ check: async () => findingFor(readFileSync(join(folder, 'missing'), 'utf8')) }),
    ['says pass when all is well', 'finds the same again when nothing has changed'],
  ],
  [
    'shows its credential',
    (options) => ({
      check: async (call) => ({
        ...(await good(options).check(call)),
        details: { token: JSON.stringify(options.token) },
      }),
    }),
    ['says pass when all is well', 'can look ten times at once'],
  ],
  [
    'says far too much',
    (options) => ({
      check: async (call) => ({ ...(await good(options).check(call)), message: 'x\n'.repeat(500) }),
    }),
    ['says pass when all is well'],
  ],
  [
    'leaves files behind',
    (options) => ({
      check: async (call) => {
        writeFileSync(join(options.folder, 'canary'), 'x');
        return good(options).check(call);
      },
    }),
    ['leaves what it looks at as it was'],
  ],
  [
    'leaves a timer running',
    (options) => {
      const timer = setInterval(() => undefined, 60_000);
      leftTimers.push(timer);
      return good(options);
    },
    ['leaves nothing open that would keep a program from ending'],
  ],
])('catches a check that %s', async (_what, create, titles) => {
  const cases = healthCheckCases(contractOf(create)).filter(({ title }) => titles.includes(title));
  expect(cases.map(({ title }) => title).sort()).toEqual([...titles].sort());
  const outcomes = await runCases(cases);
  for (const timer of leftTimers.splice(0)) clearInterval(timer);
  expect(outcomes.filter(({ outcome }) => outcome !== 'failed')).toEqual([]);
  expect(JSON.stringify(outcomes)).not.toContain(SECRET);
});

const leftTimers: NodeJS.Timeout[] = [];

function findingFor(word: string): CheckFinding {
  if (word === 'unknown') throw new Error('out of sight');
  const status = word === 'warn' || word === 'fail' ? word : 'pass';
  return { status, message: `the file says ${word}`, value: 1, unit: 'words' };
}

function contractOf(create: Create): HealthCheckContract<z.input<typeof OptionsSchema>> {
  const kind = defineHealthCheck({
    name: 'sample_check',
    apiVersion: 1,
    options: OptionsSchema,
    capabilities: { effect: 'read', network: false },
    defaults: { intervalMs: 60_000, timeoutMs: 5_000 },
    create,
  });
  return {
    kind,
    states: ['pass', 'warn', 'fail', 'unknown', 'hang'],
    start: startFolder,
    wrongOptions: [{ options: { folder: '' }, fields: ['folder', 'token'] }],
  };
}

async function startFolder(state: LookedAtState) {
  const folder = mkdtempSync(join(tmpdir(), 'check-contract-'));
  const file = await open(join(folder, 'state'), 'w');
  await file.writeFile(state === 'hang' ? '' : state);
  await file.close();
  return {
    options: { folder, token: SECRET },
    secrets: [SECRET],
    picture: () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
