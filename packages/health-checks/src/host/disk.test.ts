import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { disk } from './disk.ts';
import { usedPercent } from './disk-use.ts';

const here = tmpdir();

it('counts the share an ordinary user can reach, rounded up like df', () => {
  expect(usedPercent({ blocks: 100, freeBlocks: 50, availableBlocks: 45 })).toBe(53);
  expect(usedPercent({ blocks: 100, freeBlocks: 100, availableBlocks: 100 })).toBe(0);
  expect(usedPercent({ blocks: 100, freeBlocks: 5, availableBlocks: 0 })).toBe(100);
  expect(usedPercent({ blocks: 0, freeBlocks: 0, availableBlocks: 0 })).toBe(0);
});

it('says the same number as df for a real file system, give or take what is written meanwhile', async () => {
  const { value, unit } = await lookOnce(disk({ path: here, failAbovePercent: 99 }));
  expect(Math.abs((value ?? -1) - dfPercent(here))).toBeLessThanOrEqual(1);
  expect(unit).toBe('%');
});

it('passes below its limits, warns between them and fails above', async () => {
  const used = dfPercent(here);
  expect(await lookOnce(disk({ path: here, failAbovePercent: Math.min(99, used + 2) }))).toMatchObject({
    status: 'pass',
    message: expect.stringMatching(/: \d+ % used, allowed up to \d+ %, [\d.]+ \w+ free$/),
  });
  const low = Math.max(1, used - 2);
  expect((await lookOnce(disk({ path: here, warnAbovePercent: low, failAbovePercent: 99 }))).status).toBe(
    'warn',
  );
  expect((await lookOnce(disk({ path: here, failAbovePercent: low }))).status).toBe('fail');
});

it('looks at inodes too, where a file system has a number of them', async () => {
  const finding = await lookOnce(disk({ path: here, failAbovePercent: 99, failAboveInodesPercent: 1 }));
  const inodes = finding.observations?.find(({ id }) => id === 'inodes')?.value ?? 0;
  expect(finding.status).toBe(inodes > 1 ? 'fail' : 'pass');
});

it('fails when the path does not exist, and says so', async () => {
  expect(await lookOnce(disk({ path: '/nowhere/at/all', failAbovePercent: 90 }))).toEqual({
    status: 'fail',
    message: '/nowhere/at/all: does not exist (ENOENT)',
  });
});

it('fails when a disk that should be mounted is not, and passes where one is', async () => {
  const missing = await lookOnce(
    disk({ path: `${process.cwd()}/packages`, failAbovePercent: 99, mounted: true }),
  );
  expect(missing).toMatchObject({ status: 'fail', message: expect.stringContaining('is no mount') });
  expect((await lookOnce(disk({ path: '/', failAbovePercent: 99, mounted: true }))).message).toContain(
    '% used',
  );
});

it('says unknown when the look is stopped', async () => {
  const signal = AbortSignal.abort(new Error('the engine ends'));
  expect(await lookOnce(disk({ path: here, failAbovePercent: 99 }), { signal })).toEqual({
    status: 'unknown',
    message: `${here}: the look was stopped before an answer`,
  });
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => disk({ path: '', failAbovePercent: 150, warnAbovePercent: 160 }));
  expect(said).toContain('path');
  expect(said).toContain('failAbovePercent');
  expect(said).toContain('warnAbovePercent: must not be above failAbovePercent');
});

function dfPercent(path: string): number {
  const last = execFileSync('df', ['-P', path], { encoding: 'utf8' }).trimEnd().split('\n').at(-1) ?? '';
  return Number(/(\d+)%/.exec(last)?.[1]);
}
