import assert from 'node:assert/strict';
import { CHECK_POLICY_FIELDS } from '../ports/define-health-check.ts';
import { PLUGIN_API_VERSION, type Plugin } from '../ports/plugin.ts';
import { collectPlugins, isPlugin } from '../ports/plugin-entries.ts';
import { activeResources, assertNothingLeft, assertRefused } from './contract-case.ts';
import type { CheckCase, HealthCheckContract, OnCheckStage } from './describe-health-check-cases.ts';

/** What a check says about itself, its options, and how it begins and ends. */
export function checkShapeCases<I>(
  contract: HealthCheckContract<I>,
  onStage: OnCheckStage<I>,
): readonly CheckCase[] {
  const { definition } = contract.kind;
  return [
    {
      title: 'names itself, its contract and how often it looks',
      run: async () => {
        assert.match(definition.name, /^[a-z][a-z0-9_-]{1,39}$/);
        assert.equal(definition.apiVersion, PLUGIN_API_VERSION);
        const { intervalMs, timeoutMs } = definition.defaults;
        assert.ok(timeoutMs > 0 && timeoutMs <= intervalMs, 'a look ends before the next one begins');
      },
    },
    {
      title: 'gives a plugin value when it is called, several of them under ids of their own',
      run: onStage('pass', async ({ subject }) => {
        const values = [definition.name, 'second-one'].map((id) =>
          pluginOf(contract, { ...subject.options, id }),
        );
        assert.ok(values.every(isPlugin));
        const ids = collectPlugins(values).checks.map(({ id }) => id);
        assert.deepEqual(ids, [definition.name, 'second-one']);
      }),
    },
    {
      title: 'takes how it is judged beside what it looks at',
      run: onStage('pass', async ({ subject }) => {
        const policy = { critical: true, intervalMs: 30_000, failuresToAlert: 2 };
        const [entry] = pluginOf(contract, { ...subject.options, ...policy }).checks ?? [];
        assert.deepEqual(entry?.policy, policy);
        assert.deepEqual(entry?.options, definition.parse(subject.options));
        const clash = CHECK_POLICY_FIELDS.filter((word) => Object.hasOwn(Object(subject.options), word));
        assert.deepEqual(clash, [], 'an option has the name of a policy word and would never arrive');
      }),
    },
    ...refusalCases(contract, onStage),
    ...lifeCases(contract, onStage),
  ];
}

function refusalCases<I>(contract: HealthCheckContract<I>, onStage: OnCheckStage<I>): readonly CheckCase[] {
  const { parse } = contract.kind.definition;
  return [
    {
      title: 'refuses wrong options, names every wrong field and shows no value',
      run: onStage('pass', async ({ subject }) => {
        assert.ok(contract.wrongOptions.length > 0, 'the contract needs options that are wrong');
        for (const wrong of contract.wrongOptions) await assertRefused(parse, wrong, subject.secrets ?? []);
      }),
    },
    {
      title: 'refuses an option it does not know, because it may be a mistyped one',
      run: onStage('pass', async ({ subject }) => {
        const options = { ...subject.options, optionNobodyKnows: 1 };
        await assertRefused(parse, { options, fields: ['optionNobodyKnows'] }, subject.secrets ?? []);
      }),
    },
  ];
}

function lifeCases<I>({ states }: HealthCheckContract<I>, onStage: OnCheckStage<I>): readonly CheckCase[] {
  return [
    {
      title: 'looks at nothing before it is asked',
      run: onStage('pass', async ({ subject, another, look }) => {
        await another();
        assert.equal(subject.looks?.() ?? 0, 0);
        await look();
      }),
    },
    {
      title: 'can be made twice from the same options',
      run: onStage('pass', async ({ another, instance, look }) => {
        const second = await another();
        assert.notEqual(second, instance);
        await second.close?.();
        assert.equal((await look()).status, 'pass', 'closing one must not close the other');
      }),
    },
    {
      title: 'can be closed more than once',
      run: onStage('pass', async ({ instance, look }) => {
        await look();
        await instance.close?.();
        await instance.close?.();
      }),
    },
    {
      title: 'leaves nothing open that would keep a program from ending',
      run: async () => {
        const before = activeResources();
        for (const state of states) {
          const signal = state === 'hang' ? AbortSignal.timeout(100) : new AbortController().signal;
          await onStage(state, async ({ look }) => void (await look({ signal })))();
        }
        await assertNothingLeft(before);
      },
    },
  ];
}

/** The kind is generic here, so what it takes is known to fit only by the type of the contract. */
function pluginOf<I>({ kind }: HealthCheckContract<I>, entry: unknown): Plugin {
  return Reflect.apply(kind, undefined, [entry]);
}
