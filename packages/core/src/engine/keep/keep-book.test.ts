import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestOps } from '../../testing/create-test-ops.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { onDemand, target } from '../config/define-config.ts';
import { createConfig } from '../config/load-config.ts';
import type { OpsConfig } from '../config/ops-config.ts';
import type { BackupRow, KeepNote, KeepState } from './keep-state.ts';

const DAY_MS = 86_400_000;
let folder = '';
let config: OpsConfig;
let state: KeepState | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-book-'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'a'), 'a');
  state = undefined;
  config = configOf({ maxAge: '26h' });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('tells of a source without a young verified backup, also after a restart, until there is one', async () => {
  const clock = new VirtualClock();
  const storePath = join(folder, 'ops.db');
  const first = await openBook({ clock, storePath });
  expect(keysOf(first)).toEqual([]);
  await clock.advance(26 * 3_600_000 + 60_000);
  expect(keysOf(first)).toEqual(['backup:data:stale']);
  await first[Symbol.asyncDispose]();

  await using second = await openBook({ clock, storePath });
  expect(keysOf(second)).toEqual(['backup:data:stale']);
  const [alert] = second.ops.alerts.service.open();
  expect(alert).toMatchObject({ alertType: 'BACKUP_FAILED', level: 'ERROR', count: 1 });
  leave(clock, { backups: [row(clock.now())] });
  await second.client.recordKeepAct('BACKUP', { reason: 'made outside of the engine', subject: 'data' });
  expect(keysOf(second)).toEqual([]);
});

it('tells of a source whose last good drill is too long ago, until one passes', async () => {
  const clock = new VirtualClock();
  const storePath = join(folder, 'ops.db');
  const drill = (outcome: 'passed' | 'failed', atMs: number) => {
    return {
      source: 'data',
      kind: 'stream' as const,
      outcome,
      atMs,
      files: 1,
      bytes: 1,
      ageMs: 0,
      recoveryMs: 1,
    };
  };
  config = configOf({ drillMaxAge: '2h' });
  const firstMs = clock.now();
  leave(clock, { backups: [row(firstMs)], drills: [drill('passed', firstMs)] });
  const first = await openBook({ clock, storePath });
  await clock.advance(7_200_000 - 60_000);
  expect(keysOf(first)).toEqual([]);
  await clock.advance(60_000);
  expect(keysOf(first)).toEqual(['backup:data:drill']);
  expect(first.ops.alerts.service.open()).toMatchObject([{ level: 'WARN', errorCode: 'SYS-0187', count: 1 }]);
  await first[Symbol.asyncDispose]();

  await using second = await openBook({ clock, storePath });
  const again = () => second.client.recordKeepAct('DRILL', { reason: 'tried out by hand', subject: 'data' });
  const drills = [drill('failed', clock.now()), drill('passed', firstMs)];
  leave(clock, { backups: [row(clock.now())], drills });
  await again();
  expect(keysOf(second)).toEqual(['backup:data:drill']);
  leave(clock, { backups: [row(clock.now())], drills: [drill('passed', clock.now()), ...drills] });
  await again();
  expect(keysOf(second)).toEqual([]);
});

it('counts how old a backup is, not when it was last read back, and takes no part of a source for it', async () => {
  const clock = new VirtualClock();
  const madeAtMs = clock.now() - 30 * 3_600_000;
  leave(clock, {
    backups: [row(madeAtMs), { ...row(clock.now()), id: 'expired', source: 'data-expired' }],
  });
  await using book = await openBook({ clock });
  expect(keysOf(book)).toEqual(['backup:data:stale']);
});

it('keeps a standing note open as long as runs say it, and tells any other once', async () => {
  const clock = new VirtualClock();
  const storePath = join(folder, 'ops.db');
  const standing: KeepNote = {
    act: 'backup',
    source: 'data',
    code: 'BAT-0525',
    message: 'one disk',
    standing: true,
  };
  const event: KeepNote = { ...standing, code: 'BAT-0522', message: 'too much at once', standing: false };
  leave(clock, { backups: [row(clock.now())], notes: [standing, event] });
  const first = await openBook({ clock, storePath });
  expect(keysOf(first)).toEqual(['backup:data:BAT-0525']);
  expect(await toldOf(first)).toEqual([1, 1]);
  await first[Symbol.asyncDispose]();

  const second = await openBook({ clock, storePath });
  expect(await toldOf(second)).toEqual([1, 1]);
  leave(clock, { backups: [row(clock.now())] });
  await second.client.recordKeepAct('BACKUP', { reason: 'the second disk is there', subject: 'data' });
  expect(keysOf(second)).toEqual([]);
  await second[Symbol.asyncDispose]();
});

it('knows the backups again after a start without what the last run left', async () => {
  const clock = new VirtualClock();
  const storePath = join(folder, 'ops.db');
  leave(clock, { backups: [row(clock.now()), { ...row(clock.now() - DAY_MS), id: 'older' }] });
  const first = await openBook({ clock, storePath });
  const known = await first.client.backups();
  expect(known.backups.map(({ id }) => id)).toEqual(['newest', 'older']);
  await first[Symbol.asyncDispose]();
  state = undefined;
  await using second = await openBook({ clock, storePath });
  expect(await second.client.backups()).toEqual(known);
});

function configOf(ages: { readonly maxAge?: string; readonly drillMaxAge?: string }): OpsConfig {
  return createConfig(
    {
      instance: 'book',
      targets: [target('quick', { on: onDemand(), run: () => undefined })],
      backup: { to: './backups', sources: ['./data'], ...ages },
    },
    { folder },
  );
}

type TestOps = Awaited<ReturnType<typeof createTestOps>>;

async function openBook(options: { clock: VirtualClock; storePath?: string }): Promise<TestOps> {
  const { keep } = config;
  const parts = { readKeepState: () => state };
  return createTestOps({ ...options, targets: config.targets, config: { keep }, parts });
}

function leave(clock: VirtualClock, more: Partial<KeepState>): void {
  const runId = `run-${Math.trunc(Math.random() * 1e9)}`;
  state = { schema: 1, runId, act: 'backup', atMs: clock.now(), backups: [], notes: [], drills: [], ...more };
}

function row(madeAtMs: number): BackupRow {
  return {
    id: 'newest',
    source: 'data',
    backupRoot: '/backups',
    copy: false,
    state: 'verified',
    strategy: 'archive',
    codec: 'gzip',
    madeAtMs,
    verifiedAtMs: madeAtMs + 1000,
    files: 1,
    bytes: 10,
    sourceBytes: 1,
    held: false,
  };
}

function keysOf({ ops }: TestOps): readonly string[] {
  return ops.alerts.service.open().map(({ dedupKey }) => dedupKey);
}

async function toldOf({ client }: TestOps): Promise<readonly number[]> {
  const { items } = await client.alerts({ alertType: 'BACKUP_FAILED' });
  return items.map(({ count }) => count);
}
