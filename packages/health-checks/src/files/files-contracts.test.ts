import { createHash } from 'node:crypto';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeHealthCheck, type LookedAtState } from '@qts-ops/core/testing';
import { beforeContract, lookedAtFolder } from '../../test/looked-at.ts';
import { type FileAgeOptions, fileAge } from './file-age.ts';
import { type FileGrowthOptions, fileGrowth } from './file-growth.ts';
import { type LogPatternOptions, logPattern } from './log-pattern.ts';
import { type RepositoryHealthOptions, repositoryHealth } from './repository-health.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describeHealthCheck<FileAgeOptions>('file_age', {
  kind: fileAge,
  states: ['pass', 'warn', 'fail', 'unknown'],
  start: async (state) =>
    lookedAtFolder((folder) => {
      const path = join(folder, 'quotes.jsonl');
      writeAt(path, 1, state === 'fail' ? 20 * MINUTE : state === 'warn' ? 5 * MINUTE : 10_000);
      const options = { path, warnAboveMs: MINUTE, failAboveMs: 10 * MINUTE };
      return state === 'unknown' ? { ...options, openSince: noCalendar } : options;
    }),
  wrongOptions: [{ options: { path: '', failAboveMs: 0 }, fields: ['path', 'failAboveMs'] }],
});

const ROWS: Readonly<Partial<Record<LookedAtState, number>>> = {
  pass: 1_000,
  warn: 300,
  fail: 30,
  unknown: 9,
};

describeHealthCheck<FileGrowthOptions>('file_growth', {
  kind: fileGrowth,
  states: ['pass', 'warn', 'fail', 'unknown'],
  start: async (state) =>
    lookedAtFolder((folder) => {
      const hours = state === 'unknown' ? [] : [4, 3, 2];
      for (const hour of hours) writeAt(join(folder, `h${hour}.jsonl`), 1_000, hour * HOUR);
      writeAt(join(folder, 'h1.jsonl'), ROWS[state] ?? 0, HOUR);
      return { folder };
    }),
  wrongOptions: [{ options: { folder: '', measure: 'lines' }, fields: ['folder', 'measure'] }],
});

describeHealthCheck<LogPatternOptions>('log_pattern', {
  kind: logPattern,
  states: ['pass', 'warn', 'fail', 'unknown'],
  start: async (state) =>
    lookedAtFolder((folder) => {
      const path = join(folder, 'desk.log');
      const errors = state === 'fail' ? 9 : state === 'warn' ? 2 : 0;
      if (state !== 'unknown') writeFileSync(path, `started\n${'ERROR\n'.repeat(errors)}`);
      return { path, pattern: 'ERROR', from: 'begin', warnAbove: 0, failAbove: 5 };
    }),
  wrongOptions: [{ options: { path: '', pattern: '(' }, fields: ['path', 'pattern'] }],
});

describeHealthCheck<RepositoryHealthOptions>('repository_health', {
  kind: repositoryHealth,
  states: ['pass', 'warn', 'fail'],
  start: async (state) =>
    lookedAtFolder((folder) => {
      const stem = 'data-20261120T040000.000Z-0000aaaa';
      const body = `{"manifest":1,"archive_name":"${stem}.tar.gz"}\n`;
      const digest = createHash('sha256')
        .update(state === 'fail' ? 'other' : body)
        .digest('hex');
      writeFileSync(join(folder, `${stem}.tar.gz`), 'archive');
      writeFileSync(join(folder, `${stem}.manifest.jsonl`), `${body}{"manifestSha256":"${digest}"}\n`);
      const warnBelowFreeBytes = state === 'warn' ? 1e18 : 1;
      return { folder, backups: folder, failBelowFreeBytes: 0, warnBelowFreeBytes };
    }),
  wrongOptions: [
    { options: { folder: '', failBelowFreeBytes: -1 }, fields: ['folder', 'failBelowFreeBytes'] },
  ],
});

function noCalendar(): number {
  throw new Error('the calendar ends in 2027');
}

function writeAt(path: string, rows: number, ageMs: number): void {
  writeFileSync(path, '{"price":71000}\n'.repeat(rows));
  const at = beforeContract(ageMs);
  utimesSync(path, at, at);
}
