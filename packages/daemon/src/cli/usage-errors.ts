import { opsException } from '@qts-ops/core/client';
import type { CliCommand } from './cli-command.ts';

/** How the parser words what it refuses: the field, what was seen, what is allowed. */
export const USAGE_STRINGS = {
  'Did you mean %s?': 'no such command; did you mean %s?',
  'Argument: %s, Given: %s, Choices: %s': '--%s: %s; allowed: %s',
  'Not enough arguments following: %s': '--%s: has no value after it',
};

/** What the parser refused, on one line; `command` is the one that was meant, where it is known. */
export function usageError(message: string, command: CliCommand | undefined): Error {
  const given = /^Not enough non-option arguments: got (\d+)/.exec(message)?.[1];
  const missing = given === undefined ? [] : requiredOf(command).slice(Number(given));
  const said = missing.length === 0 ? message : `${missing.join(', ')}: missing`;
  const wraps = command?.usage.includes('[command..]') === true && said.startsWith('Unknown argument');
  const text = wraps
    ? `${said}; write the program after --, so that its options are its own`
    : withOptions(said, command);
  return opsException(
    'INP-0313',
    text
      .replace('Invalid values:', '')
      .replaceAll(/\s*\n\s*/g, ' ')
      .trim(),
  );
}

/** What is not known is answered with what is. */
function withOptions(said: string, command: CliCommand | undefined): string {
  if (!said.startsWith('Unknown argument') || command === undefined) return said;
  const positionals = [...command.usage.matchAll(/[<[][^>\]]+[>\]]/g)].map(([word]) => word);
  const allowed = [...positionals, ...Object.keys(command.options).map((name) => `--${name}`)];
  return allowed.length === 0 ? said : `${said}; allowed: ${allowed.join(', ')}`;
}

function requiredOf(command: CliCommand | undefined): readonly string[] {
  return [...(command?.usage ?? '').matchAll(/<\w+(?:\.\.)?>/g)].map(([word]) => word);
}

/**
 * Refuses an empty text and a number that is none. An empty value is a shell variable that was never set: taken for
 * "not given", it would act on another engine or file than the one that was meant.
 * @throws INP-0313
 */
export function requireValues(args: Readonly<Record<string, unknown>>, command: CliCommand): void {
  const names = [
    ...Object.keys(command.positionals).map((name) => [name, `<${name}>`] as const),
    ...Object.keys(command.options).map((name) => [name, `--${name}`] as const),
  ];
  for (const [name, shown] of names) {
    const value = args[name];
    if (value === '' || (Array.isArray(value) && value.includes('')))
      throw opsException('INP-0313', `${shown}: is empty; give it a value or leave it out`);
    if (Number.isNaN(value))
      throw opsException('INP-0313', `${shown}: is no number; allowed: a whole number`);
  }
}
