import { writeFile } from 'node:fs/promises';
import { PLACES, type Place } from './src/commands/command.ts';
import { COMMANDS } from './src/commands/command-table.ts';
import { NOTES } from './src/commands/help.ts';

const PLACE_TITLES: Readonly<Record<Place, string>> = {
  targets: 'Targets',
  alerts: 'Alerts',
  executions: 'Executions',
  backups: 'Backups',
  health: 'Health',
  silences: 'Silences',
  detail: 'detail',
  log: 'log',
  alert: 'alert',
  check: 'check',
  backup: 'backup',
  silence: 'silence',
  help: 'help',
};

const LEVELS = ['looks', 'can be undone', 'starts or ends work'] as const;

/** The key reference, printed from the key table. */
export function keysPage(): string {
  const rows = COMMANDS.map(({ keys, title, places, level }) => {
    const where =
      places.length === PLACES.length ? 'everywhere' : places.map((place) => PLACE_TITLES[place]).join(', ');
    return `| ${keys.map(codeOf).join(' ')} | ${cellOf(title)} | ${where} | ${LEVELS[level]} |`;
  });
  const notes = NOTES.flatMap(({ title, entries }) => [
    '',
    `## ${title}`,
    '',
    '| keys | meaning |',
    '| --- | --- |',
    ...entries.map(([keys, meaning]) => `| ${keys.split(' ').map(codeOf).join(' ')} | ${cellOf(meaning)} |`),
  ]);
  return [
    '# Keys of qts-tui',
    '',
    'Printed from the key table of `packages/tui`; do not edit. Print it again with `node packages/tui/keys-page.ts`.',
    '',
    '| keys | meaning | where | what it does |',
    '| --- | --- | --- | --- |',
    ...rows,
    ...notes,
    '',
  ].join('\n');
}

function codeOf(key: string): string {
  return `\`${key.replaceAll('|', '\\|')}\``;
}

function cellOf(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (import.meta.main) {
  await writeFile(new URL('../../docs/reference/keys.md', import.meta.url), keysPage());
}
