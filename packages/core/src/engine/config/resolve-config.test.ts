import { describe, expect, it } from 'vitest';
import type { TargetDefinition } from '../../run/targets/target.ts';
import type { TargetOptions } from './config-input.ts';
import { cron, defineConfig, every, exec, isolated, onDemand, secret, target } from './define-config.ts';
import type { OpsConfig } from './ops-config.ts';
import { requireConfig, resolveConfig } from './resolve-config.ts';

const configPath = '/srv/desk/qts-ops.config.yaml';
const nowMs = Date.UTC(2026, 10, 20);
const work = () => undefined;

function configOf(input: unknown, env: Record<string, string> = {}): OpsConfig {
  return requireConfig(input, { env, nowMs, configPath });
}

function targetOf(options: TargetOptions, env: Record<string, string> = {}): TargetDefinition {
  const [only] = configOf(defineConfig({ instance: 'desk', targets: [target('t', options)] }), env).targets;
  if (only === undefined) throw new Error('no target');
  return only;
}

function problemsOf(input: unknown, env: Record<string, string | undefined> = {}) {
  const resolution = resolveConfig(input, { env, nowMs, configPath });
  return resolution.ok ? [] : resolution.problems;
}

function problemsOfTarget(options: object, env: Record<string, string | undefined> = {}) {
  return problemsOf({ instance: 'desk', targets: [{ id: 't', on: 'demand', run: work, ...options }] }, env);
}

describe('the defaults of a config', () => {
  it('are those of a place that is not production, in UTC', () => {
    const config = configOf({ instance: 'desk', targets: [{ id: 't', on: 'demand', run: work }] });
    expect(config).toMatchObject({ environment: 'LAB', timeZone: 'UTC', drainMs: 30_000, historyDays: 90 });
    expect(config.configPath).toBe(configPath);
    expect(config.targets[0]).not.toHaveProperty('schedule');
  });

  it.each([
    [every('100ms'), 30_000],
    [every('1s'), 30_000],
    [every('10s'), 100_000],
    [every('1h'), 3_600_000],
    [cron('0 17 * * 1-5'), 3_600_000],
    [onDemand(), 3_600_000],
  ])('give a target on %j a time-out of %i ms', (on, timeoutMs) => {
    expect(targetOf({ on, run: work }).timeoutMs).toBe(timeoutMs);
  });

  it('answer failures as the rules of the scheduler say', () => {
    const { stopGraceMs, graceMs, errors } = targetOf({ on: every('1s'), run: work });
    expect({ stopGraceMs, graceMs }).toEqual({ stopGraceMs: 10_000, graceMs: 60_000 });
    expect(errors).toEqual({
      errorBackoffMs: 5_000,
      backoffFactor: 1,
      maxBackoffMs: 3_600_000,
      maxConsecutiveErrors: 3,
      cooldownMs: 300_000,
      maxCooldownMs: 3_600_000,
      recovery: 'auto',
    });
  });

  it('rest a suspended target for ten intervals when that is more than five minutes', () => {
    expect(targetOf({ on: every('2m'), run: work }).errors.cooldownMs).toBe(1_200_000);
    expect(targetOf({ on: every('1h'), run: work }).errors).toMatchObject({
      cooldownMs: 36_000_000,
      maxCooldownMs: 36_000_000,
    });
  });

  it('give way to a written limit', () => {
    const { errors } = targetOf({ on: every('1s'), run: work, maxBackoff: '1s', maxCooldown: '1m' });
    expect(errors).toMatchObject({ errorBackoffMs: 1_000, cooldownMs: 60_000 });
  });

  it('take an object whose status is error or failed for a failure', () => {
    const { failWhen } = targetOf({ on: 'demand', run: work });
    const values = [
      { status: 'error' },
      { status: 'failed' },
      { status: 'ok' },
      { state: 'error' },
      'error',
      null,
      undefined,
    ];
    expect(values.map(failWhen)).toEqual([true, true, false, false, false, false, false]);
  });
});

describe('a schedule', () => {
  it('keeps every option of an interval', () => {
    const on = every('10s', { mode: 'rate', runOnStart: true, phase: '3s' });
    expect(targetOf({ on, run: work }).schedule).toEqual({
      kind: 'interval',
      everyMs: 10_000,
      mode: 'rate',
      phaseMs: 3_000,
      runOnStart: true,
    });
  });

  it("is spread by the target's id, the same on every machine", () => {
    const targets = ['a', 'b', 'c'].map((id) => target(id, { on: every('1h', { spread: true }), run: work }));
    const phases = configOf({ instance: 'desk', targets }).targets.map(({ schedule }) => {
      return schedule?.kind === 'interval' ? schedule.phaseMs : undefined;
    });
    expect(new Set(phases).size).toBe(3);
    expect(phases.every((phaseMs) => phaseMs !== undefined && phaseMs >= 0 && phaseMs < 3_600_000)).toBe(
      true,
    );
  });

  it('of cron takes its own zone, else the zone of the config', () => {
    const input = {
      instance: 'desk',
      timeZone: 'Asia/Seoul',
      targets: [
        target('a', { on: cron('0 17 * * 1-5'), run: work }),
        target('b', { on: cron('0 9 * * 1-5', { timeZone: 'America/New_York', dstGap: 'skip' }), run: work }),
      ],
    };
    expect(configOf(input).targets.map(({ schedule }) => schedule)).toMatchObject([
      { kind: 'cron', expression: '0 17 * * 1-5', timeZone: 'Asia/Seoul', dstGap: 'run' },
      { kind: 'cron', timeZone: 'America/New_York', dstGap: 'skip' },
    ]);
  });

  it("may be written with the specification's option names", () => {
    const options = { intervalMs: 1_000, errorBackoffMs: 2_000, maxConsecutiveErrors: 5, run: work };
    const { schedule, errors } = targetOf(options);
    expect(schedule).toMatchObject({ kind: 'interval', everyMs: 1_000 });
    expect(errors).toMatchObject({ errorBackoffMs: 2_000, maxConsecutiveErrors: 5 });
  });

  it('below one second is for functions only', () => {
    expect(targetOf({ on: every('100ms'), run: work }).schedule).toMatchObject({ everyMs: 100 });
    const [problem] = problemsOfTarget({ on: every('500ms'), run: exec('node') });
    expect(problem).toMatchObject({
      path: 'targets[0].on.every',
      message: expect.stringContaining('500 ms is too short'),
    });
    expect(problemsOfTarget({ on: every('99ms') })).toMatchObject([{ path: 'targets[0].on.every' }]);
  });

  it('with two restricted day fields must say how they combine, and is told both readings', () => {
    const [problem] = problemsOfTarget({ on: cron('0 17 13 * 5') });
    expect(problem).toMatchObject({ path: 'targets[0].on.dayMatch', value: 'absent' });
    expect(problem?.message).toContain('2027-08-13 17:00');
    expect(problem?.message).toContain('2026-11-27 17:00');
    expect(problemsOfTarget({ on: cron('0 17 13 * 5', { dayMatch: 'and' }) })).toEqual([]);
  });
});

describe('work', () => {
  it('resolves relative paths against the folder of the config', () => {
    expect(targetOf({ on: 'demand', run: exec('./bin/score', ['./data'], { cwd: 'work' }) }).work).toEqual({
      kind: 'command',
      command: '/srv/desk/bin/score',
      args: ['./data'],
      cwd: '/srv/desk/work',
      env: {},
      exitCodes: {},
    });
    expect(targetOf({ on: 'demand', run: exec('python') }).work).toMatchObject({
      command: 'python',
      cwd: '/srv/desk',
    });
    const module = isolated({ module: './score.ts', export: 'score' });
    expect(targetOf({ on: 'demand', run: module }).work).toEqual({
      kind: 'isolated',
      module: '/srv/desk/score.ts',
      export: 'score',
    });
    const url = isolated({ module: new URL('file:///srv/other/score.ts'), export: 'score' });
    expect(targetOf({ on: 'demand', run: url }).work).toMatchObject({ module: '/srv/other/score.ts' });
  });

  it('is given secrets from the environment, each once in the list of secrets', () => {
    const run = exec('python', [], {
      env: { MODE: 'paper', A: secret({ env: 'TOKEN' }), B: { env: 'TOKEN' } },
    });
    const config = configOf(
      { instance: 'desk', targets: [target('t', { on: 'demand', run })] },
      { TOKEN: 'abcdef' },
    );
    expect(config.targets[0]?.work).toMatchObject({ env: { MODE: 'paper', A: 'abcdef', B: 'abcdef' } });
    expect(config.secrets.map(({ source }) => source)).toEqual(['TOKEN']);
  });

  it('may name exit codes that are no failure', () => {
    const run = exec('python', [], { exitCodes: { 3: 'success', 4: 'failure' } });
    expect(targetOf({ on: 'demand', run }).work).toMatchObject({ exitCodes: { 3: 'success', 4: 'failure' } });
  });

  it('names the variable of a missing secret', () => {
    const run = exec('python', [], { env: { A: { env: 'TOKEN' } } });
    for (const env of [{}, { TOKEN: '' }]) {
      expect(problemsOfTarget({ run }, env)).toMatchObject([
        { path: 'targets[0].run.env.A', value: "'TOKEN'" },
      ]);
    }
  });
});
