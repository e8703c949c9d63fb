import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { repositoryHealth } from './repository-health.ts';

it('writes, reads and removes a file of its own, and leaves everything else', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'data.jsonl'), 'x\n');
  const finding = await lookOnce(repositoryHealth({ folder: folder.path, failBelowFreeBytes: 1 }));
  expect(finding).toMatchObject({ status: 'pass', unit: 'ms' });
  expect(finding.message).toMatch(
    /: written, read and removed in [\d.]+ m?s; [\d.]+ \wB free, allowed from 1 B$/,
  );
  expect(readdirSync(folder.path)).toEqual(['data.jsonl']);
});

it('removes canaries that killed processes left, and no younger ones', async () => {
  using folder = temporaryFolder();
  const old = join(folder.path, '.qts-ops-canary-desk-1');
  writeFileSync(old, 'x');
  writeFileSync(join(folder.path, '.qts-ops-canary-desk-2'), 'x');
  utimesSync(old, 1_000_000, 1_000_000);
  await lookOnce(repositoryHealth({ folder: folder.path, failBelowFreeBytes: 1 }));
  expect(readdirSync(folder.path)).toEqual(['.qts-ops-canary-desk-2']);
});

it('fails when the folder is not there or nothing can be written to it', async () => {
  using folder = temporaryFolder();
  const absent = join(folder.path, 'absent');
  expect(await lookOnce(repositoryHealth({ folder: absent }))).toEqual({
    status: 'fail',
    message: `${absent}: does not exist (ENOENT)`,
  });
  const unwritable = await lookOnce(repositoryHealth({ folder: '/proc', failBelowFreeBytes: 0 }));
  expect(unwritable.status).toBe('fail');
});

it('fails and warns by the room that is left', async () => {
  using folder = temporaryFolder();
  const look = (given: object) => lookOnce(repositoryHealth({ folder: folder.path, ...given }));
  expect((await look({ failBelowFreeBytes: 1e18 })).status).toBe('fail');
  expect((await look({ failBelowFreeBytes: 1, warnBelowFreeBytes: 1e18 })).status).toBe('warn');
  expect((await look({ failBelowFreeBytes: 1, warnAboveMs: 0.001 })).status).toMatch(/warn|pass/);
});

it('says unknown when it is stopped before it began, and writes nothing', async () => {
  using folder = temporaryFolder();
  const signal = AbortSignal.abort();
  expect((await lookOnce(repositoryHealth({ folder: folder.path }), { signal })).status).toBe('unknown');
  expect(readdirSync(folder.path)).toEqual([]);
});

it('looks whether the newest backup manifest is what its last line says', async () => {
  using folder = temporaryFolder();
  using backups = temporaryFolder();
  const look = () =>
    lookOnce(repositoryHealth({ folder: folder.path, backups: backups.path, failBelowFreeBytes: 1 }));
  expect((await look()).message).toContain('holds no backup manifest');
  writeBackup(backups.path, 'data-20261119T120000.000Z-0000aaaa', 'damaged later');
  const manifest = writeBackup(backups.path, 'data-20261120T120000.000Z-0000bbbb', 'whole');
  expect(await look()).toMatchObject({
    status: 'pass',
    message: expect.stringMatching(/manifest data-20261120T120000.000Z-0000bbbb.manifest.jsonl is whole$/),
  });
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, text.replace('whole', 'wHole'));
  expect(await look()).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('was changed or damaged'),
  });
  writeFileSync(manifest, text.slice(0, -10));
  expect((await look()).message).toContain('cut off or damaged');
});

it('fails when the archive of the newest manifest is gone', async () => {
  using folder = temporaryFolder();
  using backups = temporaryFolder();
  writeManifest(backups.path, 'data-20261120T120000.000Z-0000bbbb', 'x');
  const finding = await lookOnce(
    repositoryHealth({ folder: folder.path, backups: backups.path, failBelowFreeBytes: 1 }),
  );
  expect(finding).toMatchObject({ status: 'fail', message: expect.stringContaining('without its archive') });
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => repositoryHealth({ folder: '', failBelowFreeBytes: -1, backups: '' }));
  for (const name of ['folder', 'failBelowFreeBytes', 'backups']) expect(said).toContain(name);
});

function writeBackup(folder: string, stem: string, note: string): string {
  writeFileSync(join(folder, `${stem}.tar.gz`), 'archive');
  return writeManifest(folder, stem, note);
}

function writeManifest(folder: string, stem: string, note: string): string {
  const path = join(folder, `${stem}.manifest.jsonl`);
  const body = `{"manifest":1,"archive_name":"${stem}.tar.gz","note":"${note}"}\n{"record_count":0}\n`;
  const digest = createHash('sha256').update(body).digest('hex');
  writeFileSync(path, `${body}{"manifestSha256":"${digest}"}\n`);
  return path;
}
