import { describe, expect, it } from 'vitest';
import { isOpsException } from '../../kernel/ops-exception.ts';
import { every, exec, secret } from './define-config.ts';
import { readDocument } from './read-document.ts';
import { requireConfig, resolveConfig } from './resolve-config.ts';

const configPath = '/srv/desk/qts-ops.config.yaml';
const nowMs = Date.UTC(2026, 10, 20);
const work = () => undefined;

function problemsOf(input: unknown, env: Record<string, string | undefined> = {}) {
  const resolution = resolveConfig(input, { env, nowMs, configPath });
  return resolution.ok ? [] : resolution.problems;
}

function problemsOfTarget(options: object) {
  return problemsOf({ instance: 'desk', targets: [{ id: 't', on: 'demand', run: work, ...options }] });
}

describe('problems', () => {
  it('of a whole file are listed at once, in its order, with path, line, allowed and remedy', () => {
    const document = readDocument(brokenYaml);
    if (!document.ok) throw new Error('the text is no YAML');
    const resolve = () =>
      requireConfig(document.value, { env: {}, nowMs, configPath, lineOf: document.lineOf });
    expect(resolve).toThrow(expect.objectContaining({ code: 'INP-0305', message: brokenGolden }));
    expect(resolve).toThrow(
      expect.objectContaining({
        data: {
          config: configPath,
          problems: expect.arrayContaining([expect.objectContaining({ line: 3 })]),
        },
      }),
    );
  });

  it.each([
    [undefined, 'absent'],
    ['text', "'text'"],
    [[], 'a list of 0'],
    [null, 'null'],
  ])('name a config that is %j', (input, value) => {
    expect(problemsOf(input)).toMatchObject([{ path: 'config', value }]);
  });

  it('of contradictory options name both', () => {
    expect(problemsOfTarget({ intervalMs: 1_000 })).toMatchObject([{ path: 'targets[0].intervalMs' }]);
    const run = { exec: ['a'], isolated: { module: 'b', export: 'c' } };
    expect(problemsOfTarget({ run })).toMatchObject([{ path: 'targets[0].run' }]);
    const on = { every: '1s', cron: '* * * * *' };
    expect(problemsOfTarget({ on })).toMatchObject([{ path: 'targets[0].on' }]);
    expect(problemsOfTarget({ errorBackoff: '1s', errorBackoffMs: 1_000 })).toHaveLength(1);
    expect(problemsOfTarget({ cooldown: '2h', maxCooldown: '1h' })).toMatchObject([
      { path: 'targets[0].maxCooldown' },
    ]);
    expect(problemsOfTarget({ on: every('1s', { spread: true, mode: 'delay' }) })).toHaveLength(1);
    expect(problemsOfTarget({ on: every('1s', { spread: true, phase: 5 }) })).toHaveLength(1);
    expect(problemsOfTarget({ on: every('1s', { mode: 'delay', phase: 5 }) })).toHaveLength(1);
  });

  it('suggest the key that was most likely meant', () => {
    const remedies = problemsOfTarget({ timeOut: '1s', schedule: {}, colour: 'red' }).map(
      ({ remedy }) => remedy,
    );
    expect(remedies).toEqual(["did you mean 'timeout'?", "did you mean 'on'?", 'remove the key']);
  });

  it.each<[object, string, RegExp]>([
    [{ every: '5m' }, 'every', /inside 'on', such as on: \{ every: '5m' \}/],
    [{ timeZone: 'UTC' }, 'timeZone', /inside 'on', such as on: \{ cron: .*, timeZone: … \}/],
    [{ command: ['a'] }, 'command', /inside 'run', such as run: \{ exec: /],
    [{ pools: { a: 1 } }, 'pools', /beside 'targets'/],
    [{ on: { every: '1h', timeout: '5m' } }, 'on.timeout', /'timeout' beside 'on'/],
    [{ on: { cron: '0 9 * * *', calendar: 'XKRX' } }, 'on.calendar', /'calendar' beside 'on'/],
    [{ on: 'every 5m' }, 'on', /\{ every: '5m' \}/],
    [{ on: '90 seconds' }, 'on', /\{ every: '90s' \}/],
    [{ on: { at: '15:30', calendar: 'XKRX' } }, 'on.at', /\{ cron: '30 15 \* \* \*' \}/],
    [{ on: { at: 'close+5m' } }, 'on.calendar', /calendar: 'XKRX'/],
    [{ on: { cron: '0 9 * * *', timeZone: 'Seoul' } }, 'on.timeZone', /mean 'Asia\/Seoul'/],
    [{ timeout: 30 }, 'timeout', /mean '30s'/],
    [{ timeout: '1.5h' }, 'timeout', /mean '90m'/],
    [{ timeout: '40 days' }, 'timeout', /write a whole number/],
    [{ run: 'python main.py' }, 'run', /\{ exec: \['python'/],
    [{ run: { exec: ['python main.py'] } }, 'run.exec[0]', /every argument as its own text/],
  ])('say what belongs where: %j', (options, at, remedy) => {
    const problem = problemsOfTarget(options).find(({ path }) => path === `targets[0].${at}`);
    expect(problem?.remedy).toMatch(remedy);
  });

  it('take a path with blanks for the program it names', () => {
    for (const program of ['/opt/my tools/load', './my tools/load', 'C:\\Program Files\\load.exe']) {
      expect(problemsOfTarget({ run: { exec: [program] } })).toEqual([]);
    }
    expect(problemsOfTarget({ run: { exec: ['python src/main.py'] } })).toMatchObject([
      { allowed: expect.stringContaining("begins with './'") },
    ]);
  });

  it('of a key that stands twice ask to keep one', () => {
    const document = readDocument('instance: a\ninstance: b\n');
    expect(document).toMatchObject({
      ok: false,
      problems: [{ line: 2, remedy: expect.stringContaining('keep one') }],
    });
  });

  it('show values on one short line', () => {
    const [problem] = problemsOfTarget({ id: `a\n\u001b[31m${'x'.repeat(500)}` });
    expect(problem?.value).toMatch(/^'a\\u\{a\}\\u\{1b\}\[31mx+…'$/);
    expect(problem?.value.length).toBeLessThan(70);
  });

  it('never hold a secret, wherever the config copied it to', () => {
    const canary = 'canary-7f3a9c-do-not-print-me';
    const env = { BROKER_TOKEN: canary, PLAIN: `${canary}-2` };
    const run = exec(canary, [], {
      env: { A: { env: 'PLAIN' }, B: secret({ env: 'MISSING' }), [canary]: canary },
    });
    const input = {
      instance: `x`.repeat(35) + canary,
      [canary]: canary,
      timeZone: canary,
      environment: `${'y'.repeat(50)}${canary}`,
      targets: [
        {
          id: canary.repeat(3),
          title: `${'z'.repeat(200)}${canary}`,
          on: { cron: canary },
          run,
          timeout: canary,
        },
        { id: canary, on: canary, run: `${canary}-2`, recovery: canary },
        {
          id: canary,
          on: { every: canary, [canary]: 1 },
          run: { isolated: { module: `x:${canary}`, export: '' } },
        },
        {
          id: 'e',
          on: 'demand',
          run: { exec: [1, canary], env: { A: [canary] }, exitCodes: { [canary]: canary } },
        },
      ],
    };
    let seen: unknown;
    try {
      requireConfig(input, { env, nowMs, configPath });
    } catch (error) {
      seen = error;
    }
    if (!isOpsException(seen)) throw new Error('no exception');
    const texts = [seen.message, JSON.stringify(seen.data), seen.stack ?? ''].join('\n');
    expect(texts).not.toContain('canary');
    expect(seen.message).toContain('MISSING');
    expect(problemsOf(input, env).length).toBeGreaterThan(15);
  });
});

const brokenYaml = `instance: desk
enviroment: PROD
timeZone: Asia/Soul
targets:
  - id: prices
    on: { every: 5 sec, mod: rate }
    run: { exec: python main.py }
  - id: prices
    on: { cron: '0 99 * 13 *' }
    run:
      exec: [python, -m, 3]
      env: { TOKEN: { env: BROKER_TOKEN }, LIMIT: 5, QTS_OPS_STATE: x }
      exitCodes: { 0: failure, 300: success, 3: sucess }
  - id: score
    on: { cron: '0 17 * * 1-5' }
    run: { isolated: { module: ./score.ts } }
    maxConsecutiveErrors: 0
    recovery: manuel
`;

const brokenGolden = `/srv/desk/qts-ops.config.yaml has 18 problems:
  enviroment (line 2): 'enviroment' is not a known key
    allowed: instance, environment, timeZone, drain, historyDays, pools, calendars, backup, retention, plugins, checks, alerts, isolation, pings, selfChecks, targets
    remedy: did you mean 'environment'?
  timeZone (line 3): 'Asia/Soul' is not a time zone
    allowed: an IANA name such as 'Asia/Seoul', 'America/New_York' or 'UTC'
    remedy: did you mean 'Asia/Seoul'?
  targets[0].on.every (line 6): '5 sec' is not a duration
    allowed: a duration from 100 ms to 366 days, such as '250ms', '1s', '5m', '1h30m', or whole milliseconds
    remedy: did you mean '5s'?
  targets[0].on.mod (line 6): 'mod' is not a known key
    allowed: every, mode, runOnStart, spread, phase
    remedy: did you mean 'mode'?
  targets[0].run.exec (line 7): 'python main.py' is not allowed
    allowed: a list of texts: the program, then its arguments (at most 1,000 entries)
    remedy: write every argument as its own text, such as ['python', '-m', 'desk.main']; put numbers in quotes
  targets[1].id (line 8): 'prices' is also the id of targets[0]
    allowed: an id that no other target has
    remedy: rename one of the two; history and statistics belong to an id
  targets[1].on.cron (line 9): '99' is not a valid hour
    allowed: 0-23, or *, lists (1,2), ranges (1-5) and steps (*/5)
    remedy: correct the field hour
  targets[1].on.cron (line 9): '13' is not a valid month
    allowed: 1-12 or JAN-DEC, or *, lists (1,2), ranges (1-5) and steps (*/5)
    remedy: correct the field month
  targets[1].run.exec[2] (line 11): 3 is not allowed
    allowed: a list of texts: the program, then its arguments (at most 1,000 entries)
    remedy: write every argument as its own text, such as ['python', '-m', 'desk.main']; put numbers in quotes
  targets[1].run.env.TOKEN (line 12): the environment variable BROKER_TOKEN is not set
    allowed: the name of a variable that is set where the engine starts
    remedy: set BROKER_TOKEN in the service's environment, or correct the name
  targets[1].run.env.LIMIT (line 12): a number is not a text or a reference
    allowed: a text, or { env: 'NAME' } for the value of the engine's own variable NAME
    remedy: put numbers and true or false in quotes; write secrets as a reference
  targets[1].run.env.QTS_OPS_STATE (line 12): QTS_OPS_STATE is set by the engine
    allowed: letters, digits and '_', not beginning with a digit; not QTS_EXECUTION_ID or QTS_OPS_STATE
    remedy: choose another name
  targets[1].run.exitCodes['0'] (line 13): 0 always means success
    allowed: codes from 1 to 255 with 'success' or 'failure', such as { '3': 'success' }
    remedy: correct the code or its meaning; codes that are not listed are failures
  targets[1].run.exitCodes['3'] (line 13): 'sucess' is not the meaning of an exit code
    allowed: codes from 1 to 255 with 'success' or 'failure', such as { '3': 'success' }
    remedy: correct the code or its meaning; codes that are not listed are failures
  targets[1].run.exitCodes['300'] (line 13): '300' is not an exit code
    allowed: codes from 1 to 255 with 'success' or 'failure', such as { '3': 'success' }
    remedy: correct the code or its meaning; codes that are not listed are failures
  targets[2].run.isolated.export (line 16): is missing
    allowed: the name of an exported function
    remedy: write the name; 'default' for the default export
  targets[2].maxConsecutiveErrors (line 17): 0 is not allowed
    allowed: a whole number from 1 to 1000
    remedy: write how many failures in a row suspend the target; 0 would suspend it before it ran, 1000 comes nearest to never
  targets[2].recovery (line 18): 'manuel' is not allowed
    allowed: 'auto' or 'manual'
    remedy: did you mean 'manual'?`;
