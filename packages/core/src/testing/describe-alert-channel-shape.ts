import assert from 'node:assert/strict';
import { PLUGIN_API_VERSION } from '../ports/plugin.ts';
import { collectPlugins, isPlugin } from '../ports/plugin-entries.ts';
import { activeResources, assertNothingLeft, assertRefused } from './contract-case.ts';
import type { AlertChannelContract, ChannelCase, OnStage } from './describe-alert-channel-cases.ts';

/** What a channel says about itself, its options, and how it begins and ends. */
export function channelShapeCases<I>(
  contract: AlertChannelContract<I>,
  onStage: OnStage<I>,
): readonly ChannelCase[] {
  const { definition } = contract.kind;
  return [
    {
      title: 'names itself, its contract and what it can carry',
      run: async () => {
        assert.match(definition.name, /^[a-z][a-z0-9-]{1,39}$/);
        assert.equal(definition.apiVersion, PLUGIN_API_VERSION);
        const { formats, titleMax, bodyMax, rate } = definition.capabilities;
        assert.ok(formats.length > 0 && titleMax >= 40 && bodyMax >= 160, 'it can carry a title and a text');
        assert.ok(rate.perSecond > 0 && rate.burst >= 1, 'it can send now and then');
      },
    },
    {
      title: 'gives a plugin value when it is called, several of them under ids of their own',
      run: onStage('accept', async ({ receiver }) => {
        const values = [contract.kind.definition.name, 'second-one'].map((id) =>
          pluginOf(contract, { ...receiver.options, id }),
        );
        assert.ok(values.every(isPlugin));
        assert.deepEqual(
          collectPlugins(values).channels.map(({ id }) => id),
          [definition.name, 'second-one'],
        );
      }),
    },
    ...refusalCases(contract, onStage),
    {
      title: 'uses no network before it has something to send',
      run: onStage('accept', async ({ receiver, another, send }) => {
        await another();
        // One notice later everything that was sent before has arrived, too.
        assert.equal((await send()).status, 'sent');
        assert.equal(receiver.contacts(), 1, 'only the one notice may be a contact');
      }),
    },
    {
      title: 'can be made twice from the same options',
      run: onStage('accept', async ({ another, instance, send }) => {
        const second = await another();
        assert.notEqual(second, instance);
        await second.close?.();
        assert.equal((await send()).status, 'sent', 'closing one must not close the other');
      }),
    },
    ...verifyCases(onStage),
    ...endCases(contract, onStage),
  ];
}

function refusalCases<I>(contract: AlertChannelContract<I>, onStage: OnStage<I>): readonly ChannelCase[] {
  const { parse } = contract.kind.definition;
  return [
    {
      title: 'refuses wrong options, names every wrong field and shows no value',
      run: onStage('accept', async ({ receiver }) => {
        assert.ok(contract.wrongOptions.length > 0, 'the contract needs options that are wrong');
        for (const wrong of contract.wrongOptions) await assertRefused(parse, wrong, receiver.secrets);
      }),
    },
    {
      title: 'refuses an option it does not know, because it may be a mistyped one',
      run: onStage('accept', async ({ receiver }) => {
        const options = { ...receiver.options, optionNobodyKnows: 1 };
        await assertRefused(parse, { options, fields: ['optionNobodyKnows'] }, receiver.secrets);
      }),
    },
  ];
}

function verifyCases<I>(onStage: OnStage<I>): readonly ChannelCase[] {
  const look = async (stage: Parameters<Parameters<OnStage<I>>[1]>[0], signal: AbortSignal) => {
    const found = await stage.instance.verify?.(signal);
    stage.plugin.note(found);
    return found?.status ?? 'unknown';
  };
  const patient = () => new AbortController().signal;
  return [
    {
      title: 'verifies without sending anything',
      run: onStage('accept', async (stage) => {
        assert.notEqual(await look(stage, patient()), 'fail');
        assert.equal(stage.receiver.received.length, 0);
      }),
    },
    {
      title: 'does not verify a receiver that is not there',
      run: onStage('gone', async (stage) => assert.notEqual(await look(stage, patient()), 'pass')),
    },
    {
      title: 'stops verifying when it is told to',
      needs: 'hang',
      run: onStage('hang', async (stage) =>
        assert.notEqual(await look(stage, AbortSignal.timeout(200)), 'pass'),
      ),
    },
  ];
}

function endCases<I>(contract: AlertChannelContract<I>, onStage: OnStage<I>): readonly ChannelCase[] {
  return [
    {
      title: 'can be closed more than once',
      run: onStage('accept', async ({ instance, send }) => {
        await send();
        await instance.close?.();
        await instance.close?.();
      }),
    },
    {
      title: 'leaves nothing open that would keep a program from ending',
      run: async () => {
        const before = activeResources();
        await onStage('accept', async ({ send }) => void (await send()))();
        if (contract.behaviours.includes('hang')) {
          await onStage(
            'hang',
            async ({ send }) => void (await send({}, { signal: AbortSignal.timeout(100) })),
          )();
        }
        await assertNothingLeft(before);
      },
    },
  ];
}

/** The kind is generic here, so what it takes is known to fit only by the type of the contract. */
function pluginOf<I>({ kind }: AlertChannelContract<I>, entry: unknown) {
  return Reflect.apply(kind, undefined, [entry]);
}
