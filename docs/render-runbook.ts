import { declaredErrors, needsRunbook } from './declared-errors.ts';

/** Writes `docs/runbook/README.md`: every code that may wake somebody, with its page. */
export async function render(): Promise<string> {
  const errors = (await declaredErrors()).filter(needsRunbook);
  return `${[
    '# Runbook',
    '',
    '<!-- Written by docs/generate.ts from the declarations in the sources. Do not edit. -->',
    '',
    'One page for each code that alerts by itself or is critical: what you see, where to look, what to do.',
    '',
    '| Code | Severity | Meaning |',
    '| --- | --- | --- |',
    ...errors.map(({ code, definition }) => {
      return `| [${code}](${code}.md) | ${definition.severity} | ${definition.operator.en} |`;
    }),
  ].join('\n')}\n`;
}
