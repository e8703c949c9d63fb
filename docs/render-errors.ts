import { ERROR_CATEGORIES, type LocalText } from '../packages/core/src/kernel/define-errors.ts';
import { type DeclaredError, declaredErrors, needsRunbook } from './declared-errors.ts';

const CATEGORY_TITLES = {
  INP: 'Input',
  EXT: 'External systems',
  BAT: 'Executions',
  DQ: 'Data quality',
  LOG: 'Our own invariants',
  SYS: 'Machine and store',
} as const;

const RETRY_TEXTS = {
  never: 'no use',
  immediate: 'at once',
  backoff: 'after a rest',
  after_data: 'after the data is corrected',
  after_operator: 'after an operator acted',
} as const;

/** Writes `docs/reference/errors.md` from the declarations in the sources. */
export async function render(): Promise<string> {
  const errors = await declaredErrors();
  const sections = ERROR_CATEGORIES.flatMap((category) => {
    const own = errors.filter(({ code }) => code.startsWith(`${category}-`));
    if (own.length === 0) return [];
    return [`## ${category}: ${CATEGORY_TITLES[category]}`, ...own.map(renderError)];
  });
  return `${[intro(), ...sections].join('\n\n')}\n`;
}

function intro(): string {
  return [
    '# Error codes',
    '',
    '<!-- Written by docs/generate.ts from the declarations in the sources. Do not edit. -->',
    '',
    'Every failure carries a code. The text for people says what happened to them; the text for operators says the',
    'cause. The same in Korean stands below it. «Try again» says whether repeating can help.',
  ].join('\n');
}

function renderError(error: DeclaredError): string {
  const { code, definition } = error;
  const facts = [
    `severity ${definition.severity}`,
    `try again: ${RETRY_TEXTS[definition.retry]}`,
    definition.autoAlert ? 'alerts by itself' : 'does not alert',
    `HTTP ${definition.httpStatus ?? 500}`,
    `exit code ${definition.cliExit ?? 1}`,
    ...(definition.outcomeKnown === false ? ['the effects of the run are unknown'] : []),
  ];
  const lines = [
    `### ${code}`,
    '',
    `${facts.join(' · ')}${needsRunbook(error) ? ` · [what to do](../runbook/${code}.md)` : ''}`,
    '',
    ...texts('For people', definition.user),
    ...texts('For operators', definition.operator),
  ];
  if (definition.remedy !== undefined) {
    lines.push(`- Remedy: ${definition.remedy.en.join(' ')}`, `  - ${definition.remedy.ko.join(' ')}`);
  }
  if (definition.aliases !== undefined) lines.push(`- Also known as: ${definition.aliases.join(', ')}`);
  return lines.join('\n');
}

function texts(title: string, { en, ko }: LocalText): readonly string[] {
  return [`- ${title}: ${en}`, `  - ${ko}`];
}
