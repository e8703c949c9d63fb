/** How a rule over several options is told to zod; it runs beside the rules of each option, so that all are named at once. */
export interface RuleText {
  readonly error: string;
  readonly path: string[];
  readonly when: () => boolean;
}

/** A test of all options and what is said when it fails: `options.refine(...warnsFirst('warnAboveMs', 'failAboveMs'))`. */
export type OptionRule = [test: (given: unknown) => boolean, text: RuleText];

const always = () => true;

/** The warning comes before the failure; either may be absent. */
export function warnsFirst(warnName: string, failName: string): OptionRule {
  const isLower = warnName.includes('Below');
  const test = (given: unknown) => {
    const warn = optionOf(given, warnName);
    const fail = optionOf(given, failName);
    if (typeof warn !== 'number' || typeof fail !== 'number') return true;
    return isLower ? warn >= fail : warn <= fail;
  };
  const side = isLower ? 'below' : 'above';
  return [test, { error: `must not be ${side} ${failName}`, path: [warnName], when: always }];
}

/** Exactly one of several options is given: each of them is another way to look. */
export function exactlyOne(...names: readonly string[]): OptionRule {
  const test = (given: unknown) => names.filter((name) => optionOf(given, name) !== undefined).length === 1;
  return [test, { error: `give exactly one of ${names.join(', ')}`, path: [], when: always }];
}

/** An option has a meaning only beside another one. */
export function onlyWith(name: string, ...others: readonly string[]): OptionRule {
  const test = (given: unknown) =>
    optionOf(given, name) === undefined || others.some((other) => optionOf(given, other) !== undefined);
  return [test, { error: `has a meaning only with ${others.join(' or ')}`, path: [name], when: always }];
}

function optionOf(given: unknown, name: string): unknown {
  return typeof given === 'object' && given !== null ? Reflect.get(given, name) : undefined;
}
