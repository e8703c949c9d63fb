import assert from 'node:assert/strict';
import type { CheckKind } from '../ports/define-health-check.ts';
import type { CheckCall, CheckFinding, CheckStatus, HealthCheckInstance } from '../ports/health-check.ts';
import { CHECK_STATUSES } from '../ports/health-check.ts';
import {
  CONTRACT_NOW_MS,
  type ContractCase,
  settled,
  type WatchedPlugin,
  type WrongOptions,
  watchPlugin,
} from './contract-case.ts';
import { checkLookCases } from './describe-health-check-looks.ts';
import { checkShapeCases } from './describe-health-check-shape.ts';

/** How what is looked at can be: well, not quite well, not well, not to be looked at, or silent for ever. */
export type LookedAtState = CheckStatus | 'hang';

/** Something real that a check looks at, made for one case. */
export interface LookedAt<I> extends AsyncDisposable {
  /** Options with which the check looks at it. */
  readonly options: I;
  /** Variables that the options refer to. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Values in the options that nobody may ever read. */
  readonly secrets?: readonly string[] | undefined;
  /** How often it was looked at, where that can be counted. */
  readonly looks?: (() => number) | undefined;
  /** A picture of it; a `read` check leaves it as it was, a `canary` check puts it back. */
  readonly picture?: (() => unknown) | undefined;
}

/** Everything the contract needs to know about a check. */
export interface HealthCheckContract<I> {
  readonly kind: CheckKind<I>;
  /** What can be set up; the promises about the rest are skipped. `pass` is always needed. */
  readonly states: readonly LookedAtState[];
  readonly start: (state: LookedAtState) => Promise<LookedAt<I>>;
  readonly wrongOptions: readonly WrongOptions[];
}

/** A check in front of what it looks at. */
export interface CheckStage<I> {
  readonly subject: LookedAt<I>;
  readonly plugin: WatchedPlugin;
  readonly instance: HealthCheckInstance;
  /** Makes another check from the same options. */
  readonly another: () => Promise<HealthCheckInstance>;
  /** Looks once as the engine does; `call` replaces parts of what the check is told. */
  readonly look: (call?: Partial<CheckCall>) => Promise<CheckFinding>;
}

/** Runs one scene with a fresh subject and looks afterwards that no secret got out. */
export type OnCheckStage<I> = (
  state: LookedAtState,
  scene: (stage: CheckStage<I>) => Promise<void>,
) => () => Promise<void>;

/** A case that asks its subject for something special. */
export interface CheckCase extends ContractCase {
  readonly needs?: LookedAtState;
}

/** Every promise of the check contract, for any test runner. */
export function healthCheckCases<I>(contract: HealthCheckContract<I>): readonly ContractCase[] {
  const onStage: OnCheckStage<I> = (state, scene) => () => playScene(contract, state, scene);
  const all = [...checkShapeCases(contract, onStage), ...checkLookCases(contract, onStage)];
  return all.map(({ needs, ...one }) => {
    const missing = needs !== undefined && !contract.states.includes(needs);
    return missing ? { ...one, skip: `what is looked at cannot be «${needs}»` } : one;
  });
}

async function playScene<I>(
  { kind, start }: HealthCheckContract<I>,
  state: LookedAtState,
  scene: (stage: CheckStage<I>) => Promise<void>,
): Promise<void> {
  await using subject = await start(state);
  const plugin = watchPlugin(subject.secrets ?? [], subject.env);
  const { definition } = kind;
  const another = async () => definition.create(definition.parse(subject.options), plugin.context);
  const instance = await another();
  const look: CheckStage<I>['look'] = async (call = {}) => {
    try {
      const finding = await settled(instance.check({ ...usualCall(), ...call }));
      plugin.note(finding);
      assertFinding(finding);
      return finding;
    } catch (error) {
      plugin.note(error);
      throw error;
    }
  };
  try {
    await scene({ subject, plugin, instance, another, look });
  } finally {
    await instance.close?.();
  }
  plugin.assertNoSecrets();
}

function usualCall(): CheckCall {
  return { signal: new AbortController().signal, attempt: 1, nowMs: CONTRACT_NOW_MS };
}

/** Findings go into the record and onto screens: one short line, numbers that are numbers, bounded details. */
function assertFinding(finding: CheckFinding): void {
  assert.ok(CHECK_STATUSES.includes(finding.status), `«${String(finding.status)}» is no status`);
  assert.ok(finding.message.trim() !== '', 'a finding says something');
  assert.ok(Array.from(finding.message).length <= 300, 'a message has at most 300 characters');
  assert.doesNotMatch(finding.message, /\p{Cc}/u, 'a message is one line without control characters');
  assert.deepEqual(JSON.parse(JSON.stringify(finding)), finding, 'a finding must survive JSON unchanged');
  assert.ok(JSON.stringify(finding.details ?? null).length <= 8_192, 'details are at most 8 kB');
  const observations = finding.observations ?? [];
  assert.ok(observations.length <= 32, 'there are at most 32 observations');
  for (const { id, value } of observations)
    assert.ok(id !== '' && Number.isFinite(value), `observation ${id}`);
  if (finding.value !== undefined) assert.ok(Number.isFinite(finding.value), 'a value is a finite number');
}
