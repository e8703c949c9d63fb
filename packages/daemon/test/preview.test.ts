import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cliInProcess, cliWith } from './cli-in-process.ts';

const config = `instance: desk
timeZone: Asia/Seoul
targets:
  - id: pipeline
    on: { every: 10m }
    calendar: XKRX
    window: open-30m..close+15m
    run: { exec: ['true'] }
  - id: report
    on: { cron: '0 17 * * 1-5' }
    calendar: XKRX
    run: { exec: ['true'] }
  - id: mail
    after: report
    run: { exec: ['true'] }
  - id: night
    on: { cron: '30 1,2 * * *', timeZone: America/New_York }
    run: { exec: ['true'] }
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'qts-ops-preview-'));
  writeFileSync(path.join(folder, 'qts-ops.config.yaml'), config);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function preview(...args: readonly string[]) {
  return cliInProcess(folder, 'preview', ...args);
}

/** Lines with single spaces, so that a test does not depend on widths. */
function linesOf(text: string): readonly string[] {
  return text.split('\n').map((line) => line.replaceAll(/ +/g, ' ').trimEnd());
}

describe('preview', () => {
  it('says where the data of a calendar end, also for what follows it', async () => {
    const lines = async (...args: readonly string[]) =>
      linesOf((await preview('--from', '2027-12-29', '--days', '7', ...args)).out);
    const text = 'XKRX: calendar data end 2027-12-30; later days are not known and count as closed';
    expect((await lines('--target', 'mail'))[0]).toBe(text);
    expect((await lines('--target', 'night'))[0]).toMatch(/^night /);
  });

  it('names the holiday for every slot that it takes away, also for what comes after', async () => {
    const { exitCode, out, err } = await preview('--from', '2026-09-23', '--days', '2');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(linesOf(out)).toEqual([
      'pipeline every 10 m in XKRX open-30m..close+15m (Asia/Seoul)',
      'WHAT WHEN SLOTS UTC WHY',
      'skip 2026-09-23 Wed 00:00 – 08:20 51 Tue 15:00 – 23:20 XKRX: outside open-30m..close+15m, on 2026-09-23 from 08:30 to 15:45',
      'run 2026-09-23 Wed 08:30 – 15:40 44 Tue 23:30 – Wed 06:40 every 10 m',
      'skip 2026-09-23 Wed 15:50 – 23:50 49 06:50 – 14:50 XKRX: outside open-30m..close+15m, on 2026-09-23 from 08:30 to 15:45',
      'skip 2026-09-24 Thu 00:00 – 23:50 144 Wed 15:00 – Thu 14:50 XKRX: closed on 2026-09-24, Chuseok',
      '',
      'report 0 17 * * 1-5 on XKRX days (Asia/Seoul)',
      'WHAT WHEN SLOTS UTC WHY',
      'run 2026-09-23 Wed 17:00 1 08:00',
      'skip 2026-09-24 Thu 17:00 1 08:00 XKRX: closed on 2026-09-24, Chuseok',
      '',
      'mail after report (Asia/Seoul)',
      'WHAT WHEN SLOTS UTC WHY',
      'run 2026-09-23 Wed 17:00 1 08:00',
      'skip 2026-09-24 Thu 17:00 1 08:00 after report, skipped there: XKRX: closed on 2026-09-24, Chuseok',
      '',
      'night 30 1,2 * * * (America/New_York)',
      'WHAT WHEN SLOTS Asia/Seoul UTC WHY',
      'run 2026-09-23 Wed 01:30 – 02:30 2 14:30 – 15:30 05:30 – 06:30 every 1 h',
      'run 2026-09-24 Thu 01:30 – 02:30 2 14:30 – 15:30 05:30 – 06:30 every 1 h',
      '',
    ]);
  });

  it('explains below each row where a line is too narrow for it', async () => {
    const { out } = await cliWith(
      { columns: 40 },
      folder,
      'preview',
      '--from',
      '2026-09-24',
      '--days',
      '1',
      '--target',
      'mail',
    );
    expect(out).toBe(
      [
        'mail  after report  (Asia/Seoul)',
        'WHAT  WHEN                  SLOTS',
        'skip  2026-09-24 Thu 17:00      1',
        '  = 08:00 UTC',
        '  after report, skipped there: XKRX:',
        '  closed on 2026-09-24, Chuseok',
        '',
      ].join('\n'),
    );
  });

  it('lists clock changes and what they do to a target', async () => {
    const spring = await preview('--from', '2026-03-08', '--days', '1', '--target', 'night');
    expect(linesOf(spring.out)).toEqual([
      '2026-03-08 Sun 03:00 America/New_York: the clock goes forward 1 h, from 02:00 to 03:00',
      '',
      'night 30 1,2 * * * (America/New_York)',
      'WHAT WHEN SLOTS Asia/Seoul UTC WHY',
      'run 2026-03-08 Sun 01:30 – 03:00 2 15:30 – 16:00 06:30 – 07:00 every 30 m',
      'clock 2026-03-08 Sun 03:00 16:00 07:00 the clock jumps over 02:30: one run at 03:00 stands for what is left out',
      '',
    ]);
  });

  it('speaks Korean', async () => {
    const { out } = await preview(
      '--from',
      '2026-09-24',
      '--days',
      '1',
      '--target',
      'report',
      '--lang',
      'ko',
    );
    expect(linesOf(out)).toContain('건너뜀 2026-09-24 목 17:00 1 08:00 XKRX: 2026-09-24 휴장 (추석 연휴)');
  });

  it('prints JSON for programs', async () => {
    const { out } = await preview(
      '--from',
      '2026-09-24T16:00:00+09:00',
      '--days',
      '1',
      '--target',
      'mail',
      '--json',
    );
    expect(JSON.parse(out)).toMatchObject({
      from: '2026-09-24T16:00:00+09:00',
      targets: [{ targetId: 'mail', rows: [{ kind: 'skip', reason: 'upstream', count: 1 }] }],
    });
  });

  it('refuses what is no span, no target and no configuration', async () => {
    expect(await preview('--days', '0')).toMatchObject({ exitCode: 2, out: '' });
    expect((await preview('--from', 'tomorrow')).err).toContain("INP-0301: from: 'tomorrow'");
    expect((await preview('--target', 'nobody')).err).toContain('INP-0306');
    expect((await preview('--config', 'none.yaml')).exitCode).toBe(2);
  });
});
