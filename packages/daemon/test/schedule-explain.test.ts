import { describe, expect, it } from 'vitest';
import { cliInProcess } from './cli-in-process.ts';

function explain(...args: readonly string[]) {
  return cliInProcess('/', 'schedule', 'explain', ...args);
}

describe('schedule explain', () => {
  it('says the sentence, the next slots and what is unusual, without an engine', async () => {
    const { exitCode, out, err } = await explain('*/7 9-17 * * 1-5', '--zone', 'Asia/Seoul');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const [sentence, ...lines] = out.trimEnd().split('\n');
    expect(sentence).toBe(
      'Every 7 minutes from minute 0 through 56 of hours 9 through 17, Monday to Friday (Asia/Seoul).',
    );
    expect(lines.slice(0, 5).join('\n')).toMatch(
      /^( {2}next {2}20\d\d-\d\d-\d\dT\d\d:\d\d:00\+09:00\n?){5}$/,
    );
    expect(lines.slice(5)).toEqual([
      '  note  7 does not divide an hour evenly: from minute 56 to minute 0 it is 4 minutes, not 7 minutes.',
      '  note  The clock of Asia/Seoul does not change in the next two years.',
    ]);
  });

  it('speaks Korean', async () => {
    const { out } = await explain('0 17 LW * *', '--zone', 'Asia/Seoul', '--lang', 'ko');
    expect(out).toMatch(/^매월 마지막 평일 17:00 \(Asia\/Seoul\)\n {2}다음 {2}20/);
    expect(out).toContain('\n  참고  말일이 토요일이면');
  });

  it('shows both readings of two day fields until one is chosen', async () => {
    const both = await explain('0 9 1-7 * 1');
    expect(both.exitCode).toBe(0);
    expect(both.out).toContain("With 'and': At 09:00 on Monday, but only on the 1st through the 7th");
    expect(both.out).not.toContain('  next  ');
    const one = await explain('0 9 1-7 * 1', '--day-match', 'and');
    expect(one.out).toMatch(/^At 09:00 on Monday, but only on .*\n {2}next {2}/);
  });

  it('prints JSON for programs', async () => {
    const { out } = await explain('@daily', '--zone', 'America/New_York', '--dst-gap', 'skip', '--json');
    expect(JSON.parse(out)).toMatchObject({
      expression: '@daily',
      timeZone: 'America/New_York',
      dstGap: 'skip',
      text: 'At 00:00 every day (America/New_York).',
      undecided: false,
      notes: [expect.stringContaining('No run is touched')],
      next: { length: 5 },
    });
  });

  it('names every field that is wrong and exits 2', async () => {
    const { exitCode, out, err } = await explain('61 25 * * *', '--zone', 'Mars/Olympus');
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(/^INP-0301: '61 25 \* \* \*' cannot be explained:\n {2}minute: '61'/);
    expect(err).toContain("\n  hour: '25'");
    expect(err).toContain("\n  timeZone: 'Mars/Olympus'");
    expect((await explain('0 9 * * *', '--lang', 'fr')).exitCode).toBe(2);
  });
});
