import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { callOf, lookOnce, makeCheck } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { fileAge } from '../files/file-age.ts';
import { logPattern } from '../files/log-pattern.ts';
import { http } from '../network/http.ts';
import { countMatches } from './pattern-match.ts';
import { isPlain } from './pattern-rules.ts';

/** Takes longer than the universe is old on the line below. */
const CATASTROPHE = '^(?:a+)+$';
const EVIL = `${'a'.repeat(200)}!`;
const never = new AbortController().signal;

describe('an expression that would work for ever', () => {
  it('ends at its time, names its field, and holds up nothing meanwhile', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'desk.log');
    writeFileSync(path, '');
    const check = await makeCheck(logPattern({ path, pattern: CATASTROPHE }));
    await check.check(callOf());
    appendFileSync(path, `${EVIL}\n`);
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const bad = check.check(callOf());
    // Other checks look and answer while it works.
    let others = 0;
    let isOver = false;
    void bad.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const other = await lookOnce(fileAge({ path, failAboveMs: 86_400_000 }), { nowMs: Date.now() });
      if (other.status === 'pass') others += 1;
    }
    delay.disable();
    expect(await bad).toEqual({
      status: 'unknown',
      message: `${path}: pattern worked longer than 1500 ms; write it without repetitions in repetitions`,
    });
    expect(others).toBeGreaterThan(2);
    // Half of the waits of the loop, however busy the machine is: a blocked loop would have had one long one and no others.
    expect(delay.percentile(50) / 1e6).toBeLessThan(500);
  }, 60_000);

  it('leaves what is behind it to be judged by the next look, with nothing lost', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'desk.log');
    writeFileSync(path, '');
    const check = await makeCheck(logPattern({ path, pattern: '^(?:a+)+$|ERROR' }));
    await check.check(callOf());
    appendFileSync(path, `${EVIL}\nERROR\n`);
    expect((await check.check(callOf())).status).toBe('unknown');
    writeFileSync(path, 'ERROR\n');
    expect(await check.check(callOf())).toMatchObject({ status: 'fail', value: 1 });
  }, 60_000);

  it('is not held against the server whose answer it was to match', async () => {
    const server = createServer((_, response) => response.end(EVIL));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const url = `http://127.0.0.1:${port}/`;
    const finding = await lookOnce(http({ url, bodyMatches: CATASTROPHE, answerWithinMs: 10_000 }));
    server.close();
    expect(finding).toEqual({
      status: 'unknown',
      message: `${url}: bodyMatches worked longer than 1500 ms; write it without repetitions in repetitions`,
    });
  }, 60_000);

  it('ends with the look that wanted it', async () => {
    const ended = new AbortController();
    const bounds = { signal: ended.signal, field: 'pattern', withinMs: 600_000 };
    const counting = countMatches({ pattern: CATASTROPHE, lines: [EVIL] }, bounds);
    ended.abort(new Error('the look is over'));
    await expect(counting).rejects.toThrow('the look is over');
  });
});

it('counts alike in a thread and without one', async () => {
  const lines = ['ERROR one', 'error two', 'ERROR three (known)', 'fine'];
  const count = (pattern: string, more = {}) =>
    countMatches({ pattern, lines, ...more }, { signal: never, field: 'pattern', withinMs: 60_000 });
  for (const pattern of ['ERROR', '(?:ERROR)', '^ERR.R', 'E(R){2}OR']) {
    expect(await count(pattern)).toEqual({ matches: 2, last: 'ERROR three (known)' });
  }
  expect(await count('(?:ERROR)', { ignore: 'known', ignoreCase: true })).toEqual({
    matches: 2,
    last: 'error two',
  });
  expect(await count('absent+')).toEqual({ matches: 0 });
  // One thread serves many, one after another and at once.
  const all = await Promise.all(Array.from({ length: 6 }, () => count('(?:ERROR)')));
  expect(all.map(({ matches }) => matches)).toEqual(Array(6).fill(2));
});

it.each([
  ['ERROR|FATAL', true],
  ['^\\[\\d\\d:\\d\\d\\] WARN', true],
  ['[a-z]x', true],
  ['a\\.b\\*', true],
  ['a+', false],
  ['(a|a)(a|a)', false],
  ['a?a?aa', false],
  ['a{1,9}', false],
  ['x\\1', false],
  ['\\k<a>', false],
  ['a*', false],
])('%s is plain: %s', (pattern, plain) => expect(isPlain(pattern)).toBe(plain));
