import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const parse = (...argv: readonly string[]) => parseOptions(argv, '0.0.0');

it('takes a socket instead of a state folder', async () => {
  expect(await parse('--socket', '/run/ops.sock')).toMatchObject({
    socket: '/run/ops.sock',
    state: undefined,
    embedded: false,
  });
});

it('starts an engine only when it is asked to', async () => {
  expect(await parse()).toMatchObject({ embedded: false, socket: undefined });
  expect(await parse('--embedded', '--state', 'x')).toMatchObject({ embedded: true, state: 'x' });
});

it.each([
  ['a state folder', ['--state', 'x']],
  ['an engine of its own', ['--embedded']],
])('refuses a socket together with %s', async (_, others) => {
  await expect(parse('--socket', 's', ...others)).rejects.toThrow(/mutually exclusive/);
});
