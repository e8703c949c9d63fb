import { shortLine } from '../look/short-line.ts';
import { alertsOn, parseRange } from './nagios-range.ts';

/** One measured number that a Nagios plugin prints behind a `|`. */
export interface Perfdata {
  readonly label: string;
  readonly value: number;
  /** `s`, `ms`, `%`, `B`, `KB`, `c`, …; empty for a plain number. */
  readonly unit: string;
  /** Ranges as the plugin wrote them. */
  readonly warn?: string;
  readonly crit?: string;
  readonly min?: number;
  readonly max?: number;
  /** The range that the value alerts on. */
  readonly alerts?: 'warn' | 'crit';
}

/** What a Nagios plugin printed. */
export interface NagiosOutput {
  readonly firstLine: string;
  readonly perfdata: readonly Perfdata[];
}

/** At most so many numbers are kept. */
const PERFDATA_MAX = 100;
const LABEL_MAX_CHARACTERS = 64;

/** Reads what a plugin printed: the first line, and the numbers behind `|` in it and behind `|` in the lines after it. */
export function parseNagiosOutput(text: string): NagiosOutput {
  const [first = '', ...rest] = text.split(/\r?\n/);
  const [firstLine = '', ...firstData] = first.split('|');
  const long = rest.join('\n').split('|');
  const data = [firstData.join('|'), ...long.slice(1)].join(' ');
  return { firstLine: shortLine(firstLine, 200), perfdata: perfdataIn(data) };
}

/** Only tried where an item may begin, and bounded: what a program prints must not cost more time than it is long. */
const ITEM =
  /(?:'((?:[^']|''){1,200})'|([^\s=']{1,200}))=([-+]?[\d.]{1,40}(?:[eE][-+]?\d{1,4})?)([^\s;]*)((?:;[^\s;]*)*)/y;
const SPACE = /\s+/g;

type Item = readonly (string | undefined)[];

function* itemsIn(text: string): Generator<Item> {
  let at = 0;
  while (at < text.length) {
    ITEM.lastIndex = at;
    const item = ITEM.exec(text);
    if (item !== null) yield item;
    SPACE.lastIndex = item === null ? at : ITEM.lastIndex;
    if (SPACE.exec(text) === null) return;
    at = SPACE.lastIndex;
  }
}

function perfdataIn(text: string): readonly Perfdata[] {
  const items: Perfdata[] = [];
  for (const [, quoted, plain, number = '', unit = '', rest = ''] of itemsIn(text)) {
    const value = Number(number);
    if (!Number.isFinite(value)) continue;
    const [, warn = '', crit = '', min = '', max = ''] = rest.split(';');
    items.push({
      label: shortLine(quoted?.replaceAll("''", "'") ?? plain ?? '', LABEL_MAX_CHARACTERS),
      value,
      unit: shortLine(unit, 16),
      ...(warn === '' ? {} : { warn: shortLine(warn, 64) }),
      ...(crit === '' ? {} : { crit: shortLine(crit, 64) }),
      ...numberAs('min', min),
      ...numberAs('max', max),
      ...alertOf(value, warn, crit),
    });
    if (items.length === PERFDATA_MAX) break;
  }
  return items;
}

function numberAs(name: 'min' | 'max', text: string): Partial<Perfdata> {
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? {} : { [name]: value };
}

function alertOf(value: number, warn: string, crit: string): Partial<Perfdata> {
  const critRange = parseRange(crit);
  if (critRange !== undefined && alertsOn(critRange, value)) return { alerts: 'crit' };
  const warnRange = parseRange(warn);
  return warnRange !== undefined && alertsOn(warnRange, value) ? { alerts: 'warn' } : {};
}
