import type { CronFieldError, CronFieldName } from '../../run/scheduler/cron-fields.ts';

interface FieldShape {
  readonly field: CronFieldName;
  readonly min: number;
  readonly max: number;
  /** Names that stand for numbers, in order from `min`. */
  readonly names?: readonly string[];
  /** Tokens beyond `*`, numbers, ranges and steps. */
  readonly special?: RegExp;
}

const monthNames =
  'january february march april may june july august september october november december'.split(' ');
const weekdayNames = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

const shapes: readonly FieldShape[] = [
  { field: 'second', min: 0, max: 59 },
  { field: 'minute', min: 0, max: 59 },
  { field: 'hour', min: 0, max: 23 },
  { field: 'dayOfMonth', min: 1, max: 31, special: /^(\?|L|L-\d{1,2}|\d{1,2}W|LW)$/i },
  { field: 'month', min: 1, max: 12, names: monthNames },
  { field: 'dayOfWeek', min: 0, max: 6, names: weekdayNames, special: /^(\?|[a-z0-9]+L|[a-z0-9]+#[1-5])$/i },
];

/**
 * Finds entries that node-cron accepts without an error but reads as something nobody means: a step of 90 minutes
 * (minute 0), `1*` (10-59), `janfeb` (12). `texts` are the five or six fields of a valid expression, or one nickname.
 */
export function checkTokens(texts: readonly string[]): readonly CronFieldError[] {
  if (texts.length < 5) return [];
  return texts.flatMap((text, index) => {
    const shape = shapes[index + shapes.length - texts.length];
    return shape === undefined ? [] : text.split(',').flatMap((token) => checkToken(shape, token) ?? []);
  });
}

function checkToken(shape: FieldShape, token: string): CronFieldError | undefined {
  if (shape.special?.test(token)) return checkSpecial(shape, token);
  const [range = '', step] = token.split('/');
  const [first = '', last = first] = range.split('-');
  const from = range === '*' ? shape.min : numberOf(shape, first);
  const to = range === '*' ? shape.max : numberOf(shape, last);
  if (from === undefined || to === undefined) return unknown(shape, token);
  const size = shape.max - shape.min + 1;
  const count = from <= to ? to - from + 1 : ((((to - from) % size) + size) % size) + 1;
  if (step === undefined || step === '1' || Number(step) < count) return undefined;
  return {
    field: shape.field,
    value: token,
    message: `'${token}' selects only ${from}: a step of ${step} leaves the ${count} values of ${range}; write ${first === '*' ? shape.min : first}, or a smaller step`,
  };
}

/** `monL` and `1#2` start with a weekday; the day-of-month tokens are complete as they stand. */
function checkSpecial(shape: FieldShape, token: string): CronFieldError | undefined {
  if (shape.names === undefined || token === '?') return undefined;
  const weekday = token.includes('#') ? token.split('#')[0] : token.slice(0, -1);
  return numberOf(shape, weekday ?? '') === undefined ? unknown(shape, token) : undefined;
}

function numberOf(shape: FieldShape, text: string): number | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const word = text.toLowerCase();
  const index = shape.names?.findIndex((name) => name === word || name.slice(0, 3) === word) ?? -1;
  return index < 0 ? undefined : shape.min + index;
}

function unknown(shape: FieldShape, token: string): CronFieldError {
  const names =
    shape.names === undefined ? '' : `, names such as ${shape.names[0]?.slice(0, 3).toUpperCase()}`;
  const message = `'${token}' is ambiguous; allowed are *, numbers ${shape.min}-${shape.max}${names}, ranges (1-5) and steps (*/5)`;
  return { field: shape.field, value: token, message };
}
