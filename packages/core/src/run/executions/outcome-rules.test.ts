import { describe, expect, it } from 'vitest';
import './execution-errors.ts';
import { defaultFailWhen } from '../../engine/config/define-config.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { WorkOutcome } from '../../ports/work-runner.ts';
import { judgeOutcome } from './outcome-rules.ts';

const clean = (text: string) => text.replaceAll('hunter2-hunter2', '[secret]');
const reading = { failWhen: defaultFailWhen, clean };
const returned = (value: unknown): WorkOutcome => ({ kind: 'returned', value });
const threw = (error: unknown): WorkOutcome => ({ kind: 'threw', error });

describe('success is', () => {
  it.each<[string, WorkOutcome]>([
    ['nothing returned', returned(undefined)],
    ['any value that does not mean failure', returned({ status: 'ok', error: 'none' })],
    ['a returned error object without the status', returned(new Error('x'))],
    ['an exit that counts as success', { kind: 'exited', exitCode: 3, success: true, detail: {} }],
  ])('%s', (_, outcome) => {
    expect(judgeOutcome(outcome, reading)).toBeUndefined();
  });
});

describe('failure is', () => {
  it.each<[string, WorkOutcome, object]>([
    [
      'a returned status error',
      returned({ status: 'error', rows: 0 }),
      {
        code: 'BAT-0305',
        message: 'returned {"status":"error","rows":0}',
        detail: { status: 'error', rows: 0 },
      },
    ],
    ['a returned status failed', returned({ status: 'failed' }), { code: 'BAT-0305' }],
    [
      'a failing exit code',
      { kind: 'exited', exitCode: 4, success: false, detail: { pgid: 7 } },
      { code: 'BAT-0306', message: 'exit code 4', detail: { pgid: 7 } },
    ],
    [
      'an end by a signal',
      { kind: 'signalled', signal: 'SIGKILL', detail: {} },
      { code: 'BAT-0307', message: 'ended by SIGKILL' },
    ],
    [
      'work that could not start',
      { kind: 'not-started', code: 'INP-0401', message: 'no such program', detail: null },
      { code: 'INP-0401', message: 'no such program' },
    ],
    [
      'a throw',
      threw(new TypeError('x is not a function')),
      { code: 'BAT-0304', message: 'x is not a function', detail: { name: 'TypeError' } },
    ],
    ['a throw without a message', threw(new RangeError()), { code: 'BAT-0304', message: 'RangeError' }],
    ['a thrown text', threw('no prices'), { code: 'BAT-0304', message: 'no prices', detail: 'no prices' }],
    ['nothing thrown', threw(undefined), { code: 'BAT-0304', message: '"[undefined]"' }],
    ['a thrown object', threw({ status: 503 }), { code: 'BAT-0304', message: '{"status":503}' }],
    [
      'a thrown declared exception, with its own code',
      threw(opsException('BAT-0303', 'took too long', { data: { afterMs: 5 } })),
      { code: 'BAT-0303', message: 'took too long', detail: { data: { afterMs: 5 } } },
    ],
    [
      'a thrown exception of a code nobody declared',
      threw(opsException('EXT-9777', 'who knows')),
      { code: 'BAT-0304', message: 'who knows' },
    ],
  ])('%s', (_, outcome, failure) => {
    expect(judgeOutcome(outcome, reading)).toMatchObject(failure);
  });

  it('a failWhen that throws', () => {
    const failWhen = () => {
      throw new Error('bad rule');
    };
    expect(judgeOutcome(returned({ rows: 3 }), { failWhen, clean })).toEqual({
      code: 'BAT-0305',
      message: 'failWhen threw: bad rule',
      detail: { rows: 3 },
    });
  });
});

it('the causes of an error are kept, because many errors say nothing themselves', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' });
  const error = new TypeError('fetch failed', { cause: refused });
  expect(judgeOutcome(threw(error), reading)).toMatchObject({
    message: 'fetch failed',
    detail: {
      causes: [{ name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:9' }],
    },
  });
  const endless = new Error('a');
  endless.cause = endless;
  expect(judgeOutcome(threw(endless), reading)?.detail).toMatchObject({ causes: { length: 4 } });
});

it('no secret reaches the message or the detail, however it was said', () => {
  const secret = 'hunter2-hunter2';
  const outcomes: readonly WorkOutcome[] = [
    threw(new Error(`login ${secret}`, { cause: new Error(secret) })),
    threw(Object.assign(new Error('x'), { name: secret, code: secret })),
    threw(secret),
    threw({ [secret]: [secret] }),
    threw(opsException('BAT-0303', secret, { data: { url: secret } })),
    returned({ status: 'error', url: secret, padding: `${'x'.repeat(190)}${secret}` }),
    { kind: 'exited', exitCode: 1, success: false, detail: { line: secret } },
    { kind: 'signalled', signal: 'SIGKILL', detail: { line: secret } },
    { kind: 'not-started', code: 'INP-0401', message: secret, detail: { args: [secret] } },
  ];
  for (const outcome of outcomes) {
    const failure = judgeOutcome(outcome, reading);
    expect(failure).toBeDefined();
    expect(JSON.stringify(failure)).not.toContain('hunter2');
  }
});

it.each<[string, unknown]>([
  ['an error whose message throws', Object.defineProperty(new Error('x'), 'message', { get: boom })],
  ['an error whose message is an object', Object.assign(new Error('x'), { message: { a: 1 } })],
  [
    'a proxy that refuses everything',
    new Proxy({}, { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom }),
  ],
  ['an object that refers to itself everywhere', selfReferring()],
])('a target cannot make its end unreadable with %s', (_, value) => {
  const failWhen = () => true;
  expect(judgeOutcome(threw(value), reading)).toMatchObject({ code: 'BAT-0304' });
  expect(judgeOutcome(returned(value), { failWhen, clean })?.code).toMatch(/^BAT-030[45]$/);
});

function boom(): never {
  throw new Error('boom');
}

function selfReferring(): object {
  const nodes = Array.from({ length: 60 }, () => ({}) as Record<string, unknown>);
  for (const node of nodes) for (const [index, other] of nodes.entries()) node[`n${index}`] = other;
  return nodes;
}
