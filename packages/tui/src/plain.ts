import {
  ALERT_LEVELS,
  healthStatusAt,
  isOpsException,
  type OpsClient,
  type OpsSnapshot,
  TARGET_WORDS,
  type TargetWord,
  targetWord,
  verdictOf,
} from '@qts-ops/core/client';
import { cleanText } from './present/cells.ts';
import { type RowContext, targetColumns, targetHeading, targetRow } from './present/target-row.ts';
import { timeText } from './present/time-text.ts';
import { problemText } from './problem-text.ts';
import { isUnanswered } from './state/alert-words.ts';
import { orderTargets } from './state/target-order.ts';
import { chooseTheme } from './theme.ts';

/** Exit codes of the plain snapshot, as monitoring programs expect them. */
export const PLAIN_EXIT = { ok: 0, warn: 1, fail: 2, unknown: 3 } as const;

export type PlainVerdict = keyof typeof PLAIN_EXIT;

/** Where the plain snapshot comes from and goes to. */
export interface PlainOptions {
  readonly client: OpsClient;
  readonly endpoint: string;
  readonly json: boolean;
  /** Cells of a line. */
  readonly columns: number;
  readonly unicode: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Prints one snapshot without any screen and returns the exit code. */
export async function printPlain(options: PlainOptions): Promise<number> {
  const { client, endpoint, json, out, err } = options;
  try {
    const snapshot = await client.snapshot();
    const verdict = verdictOf(snapshot);
    out(
      json
        ? `${JSON.stringify(jsonOf(snapshot, verdict))}\n`
        : `${plainLines(snapshot, verdict, options).join('\n')}\n`,
    );
    return PLAIN_EXIT[verdict];
  } catch (error) {
    // An engine that holds its socket and does not answer is a failure; none at all is unknown.
    const verdict = isOpsException(error) && error.code === 'EXT-0107' ? 'fail' : 'unknown';
    if (json) out(`${JSON.stringify({ verdict, endpoint, problem: problemText(error) })}\n`);
    else err(`${verdict}: ${cleanText(problemText(error))}\n`);
    return PLAIN_EXIT[verdict];
  }
}

function plainLines(
  snapshot: OpsSnapshot,
  verdict: PlainVerdict,
  { columns, unicode }: Pick<PlainOptions, 'columns' | 'unicode'>,
): readonly string[] {
  const { engine, atMs, targets } = snapshot;
  const context: RowContext = {
    columns: targetColumns(columns, targets),
    reading: { nowMs: atMs, link: { kind: 'live' } },
    zone: engine.timeZone,
    theme: chooseTheme({ name: 'mono', unicode, noColor: undefined }),
  };
  const byId = new Map(targets.map((target) => [target.id, target]));
  const rows = orderTargets(targets, atMs).flatMap((id) => {
    const target = byId.get(id);
    return target === undefined ? [] : [targetRow(target, false, context)];
  });
  const counts = Object.entries(countsOf(snapshot)).map(([word, count]) => `${word} ${count}`);
  const head = `${engine.environment}@${engine.instance}  ${timeText(atMs, atMs, engine.timeZone)}  ${verdict.toUpperCase()}  ${counts.join('  ')}  of ${targets.length}`;
  return [
    cleanText(head),
    ...watchLines(snapshot),
    ...[targetHeading(context.columns), ...rows].map(textOfLine),
  ];
}

/** Open alerts and checks in one line; none where there is nothing to look at. */
function watchLines({ alerts, alertCount, health, atMs }: OpsSnapshot): readonly string[] {
  const word = healthStatusAt(health.checks, atMs);
  if (alertCount === 0 && (word === 'pass' || health.checks.length === 0)) return [];
  const levels = ALERT_LEVELS.toReversed()
    .map((level) => [level, alerts.filter((alert) => alert.level === level && isUnanswered(alert)).length])
    .filter(([, count]) => count !== 0)
    .map(([level, count]) => `, ${level} ${count}`);
  const checks = health.checks.length === 0 ? '' : `  health ${word.toUpperCase()}`;
  return [`alerts ${alertCount} open${levels.join('')}${checks}`];
}

function textOfLine({ spans }: { readonly spans: ReadonlyArray<{ readonly text: string }> }): string {
  return spans
    .map(({ text }) => text)
    .join('')
    .trimEnd();
}

function jsonOf(snapshot: OpsSnapshot, verdict: PlainVerdict) {
  const { atMs, engine } = snapshot;
  const targets = snapshot.targets.map((target) => ({ word: targetWord(target, atMs), ...target }));
  const { alerts, alertCount, health } = snapshot;
  return { verdict, atMs, counts: countsOf(snapshot), engine, targets, alerts, alertCount, health };
}

function countsOf({ targets, atMs }: OpsSnapshot): Readonly<Partial<Record<TargetWord, number>>> {
  const words = targets.map((target) => targetWord(target, atMs));
  const counted = TARGET_WORDS.map((word) => [word, words.filter((other) => other === word).length] as const);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
