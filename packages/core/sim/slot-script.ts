import { nodeCronGrammar } from '../src/adapters/cron-node/cron-grammar.ts';
import type { TargetFunction } from '../src/ports/target.ts';
import type { Schedule } from '../src/run/scheduler/schedule.ts';
import type { TargetDefinition } from '../src/run/targets/target.ts';
import { obedientWork, testTarget } from '../src/testing/test-targets.ts';
import { filtered, scriptPolicies, withDependents } from './script-policies.ts';
import type { SeededRandom } from './seeded-random.ts';

/** One thing that happens to an engine. */
export type ScriptStep =
  | { readonly kind: 'advance' | 'stall' | 'step-clock'; readonly ms: number }
  | { readonly kind: 'pause' | 'resume' | 'reset' | 'trigger' | 'stop'; readonly targetId: string }
  | { readonly kind: 'restart' }
  /** `diesAfter`: the engine that is started next dies too, after so many commits of its start; absent: it lives. */
  | { readonly kind: 'crash'; readonly diesAfter?: number }
  | { readonly kind: 'full-disk'; readonly commits: number };

/** What the work of a script needs of the world it runs in. */
export interface ScriptWorld {
  readonly random: SeededRandom;
  /** Waits on the clock of the engine that runs. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

const NEVER: TargetFunction = () => new Promise(() => undefined);

/** How runs of a target behave: each run draws one. */
function behaviours(world: ScriptWorld): Readonly<Record<string, TargetFunction>> {
  const { random, wait } = world;
  return {
    succeeds: () => 'done',
    fails: () => Promise.reject(new Error('no prices')),
    'says that it failed': () => ({ status: 'failed' }),
    'is slow': async ({ signal, progress }) => {
      for (let done = 1; done <= 3; done++) {
        await wait(random.whole(50, 900), signal);
        progress({ done, total: 3 });
      }
    },
    'is slow and deaf': async () => wait(random.whole(100, 6000), new AbortController().signal),
    'waits to be told': obedientWork,
  };
}

function schedules(random: SeededRandom): Schedule | undefined {
  const everyMs = random.pick([250, 500, 1000, 1000, 1700, 3000, 10_000]);
  const kind = random.pick(['rate', 'rate', 'rate', 'cron', 'delay', 'none'] as const);
  if (kind === 'none') return undefined;
  if (kind === 'cron') {
    const expression = random.pick(['*/2 * * * * *', '*/10 * * * * *', '5,6,30 * 0-22 * * *']);
    const parsed = nodeCronGrammar.parse(expression);
    if (!parsed.ok) throw new Error(`cron '${expression}' cannot be read`);
    const timeZone = random.pick(['UTC', 'Asia/Seoul', 'America/New_York']);
    return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap: 'run' };
  }
  const phaseMs = kind === 'rate' ? random.pick([0, 0, 123]) : 0;
  return { kind: 'interval', everyMs, mode: kind, phaseMs, runOnStart: kind === 'delay' };
}

/** The targets of a script. The first always succeeds: it shows that no other one can hold it up. */
export function scriptTargets(world: ScriptWorld): readonly TargetDefinition[] {
  const { random } = world;
  const works = behaviours(world);
  const names = Object.keys(works);
  const others = Array.from({ length: random.whole(2, 5) }, (_, index) => {
    const liked = Array.from(
      { length: random.whole(1, 3) },
      () => names[random.whole(0, names.length - 1)] ?? '',
    );
    const draw: TargetFunction = (context) => {
      if (random.chance(0.01)) return NEVER(context);
      return works[liked[random.whole(0, liked.length - 1)] ?? '']?.(context);
    };
    return scriptTarget(`t${index}`, draw, random);
  });
  return withDependents([testTarget('healthy', () => 'done'), ...others], random);
}

function scriptTarget(id: string, run: TargetFunction, random: SeededRandom): TargetDefinition {
  const { schedule: _schedule, ...definition } = testTarget(id, run, {
    timeoutMs: random.pick([1500, 4000, 60_000]),
    stopGraceMs: random.pick([200, 1000]),
    graceMs: random.pick([0, 500, 4000, 60_000]),
    errors: {
      errorBackoffMs: random.pick([0, 700, 5000]),
      backoffFactor: random.pick([1, 2]),
      maxConsecutiveErrors: random.pick([1, 2, 3, 5]),
      cooldownMs: random.pick([2000, 10_000]),
      maxCooldownMs: 20_000,
      recovery: random.pick(['auto', 'auto', 'auto', 'manual']),
    },
  });
  const schedule = schedules(random);
  return {
    ...definition,
    policies: scriptPolicies(random),
    ...(schedule === undefined ? {} : { schedule: filtered(schedule, random) }),
  };
}

/** What happens, in order. */
export function scriptSteps(
  random: SeededRandom,
  targetIds: readonly [string, ...string[]],
): readonly ScriptStep[] {
  return Array.from({ length: random.whole(15, 40) }, (_, index): ScriptStep => {
    const kind = random.pick<ScriptStep['kind']>([
      ...(['advance', 'advance', 'advance', 'advance', 'advance', 'stall', 'step-clock'] as const),
      ...(['pause', 'resume', 'reset', 'trigger', 'stop', 'trigger', 'stop', 'resume'] as const),
      ...(['restart', 'crash', 'full-disk'] as const),
    ]);
    switch (kind) {
      case 'advance':
        return { kind, ms: random.whole(1, 6000) };
      case 'stall':
        return { kind, ms: random.whole(500, 15_000) };
      case 'step-clock':
        return { kind, ms: random.pick([-4 * 3_600_000, -60_000, -5000, -1500, 1500, 30_000, 3_600_000]) };
      case 'full-disk':
        return { kind, commits: random.whole(1, 5) };
      case 'restart':
        return { kind };
      case 'crash':
        // Not drawn, so that the script of a seed is as it was before there were such deaths.
        return index % 4 === 0 ? { kind } : { kind, diesAfter: (index % 4) - 1 };
      default:
        return { kind, targetId: random.pick(targetIds) };
    }
  });
}
