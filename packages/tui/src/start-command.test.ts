import { expect, it } from 'vitest';
import { targetListLines } from './present/screen-lines.ts';
import { startCommandOf } from './start-command.ts';
import { startState } from './state/screen-state.ts';
import { layoutOf } from './state/selectors.ts';
import { chooseTheme } from './theme.ts';

it.each([
  [undefined, '/srv/desk/.qts-ops', 'qts-ops run'],
  ['desk', '/srv/desk', 'qts-ops run --state /srv/desk'],
  ["it's", "/srv/it's", "qts-ops run --state '/srv/it'\\''s'"],
  ['a b', '/srv/a b', "qts-ops run --state '/srv/a b'"],
  ['desk', undefined, 'qts-ops run'],
])('names the state folder where --state is %s', (state, stateFolder, command) => {
  expect(startCommandOf({ state, stateFolder })).toBe(command);
});

it('stands on the screen of an engine that cannot be reached', () => {
  const start = startState({
    operatorId: 'alice',
    endpoint: '/srv/desk/qts-ops.sock',
    startCommand: 'qts-ops run --state /srv/desk',
    readOnly: false,
    size: { columns: 120, rows: 40 },
    localMs: 0,
  });
  const state = {
    ...start,
    link: { kind: 'connecting', attempt: 2, problem: 'EXT-0105 no engine' },
  } as const;
  const theme = chooseTheme({ name: 'mono', unicode: false, noColor: undefined });
  const shown = targetListLines(state, layoutOf(state), theme).map(({ line }) => JSON.stringify(line));
  expect(shown.join('\n')).toContain('Start it with: qts-ops run --state /srv/desk"');
});
