import { parseArgs } from 'node:util';

/** What the command line of the pipeline asks for. */
export interface PipelineOptions {
  readonly dataDir: string;
  readonly bars:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'seed'; readonly seed: number };
  readonly batch: number;
  readonly loop: boolean;
  readonly report: boolean;
  /** Wait after each bar in milliseconds, so that progress can be watched. */
  readonly paceMs: number;
  readonly symbol?: string | undefined;
  readonly failAtBar?: number | undefined;
  /** Operator who approves bringing safety back to NORMAL. */
  readonly recoverBy?: string | undefined;
}

/** Thrown for a command line that cannot be followed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** How to call the pipeline. */
export const USAGE = `node pipeline.ts --data DIR [--bars FILE [--symbol S] | --seed N] [--batch N] [--pace MS]
                 [--loop] [--fail-at N] | --data DIR --report | --data DIR --recover OPERATOR

  --data DIR      folder of records and state (one stream of bars per folder)
  --bars FILE     consume an OHLCV file; without it the bars are generated from --seed (default 7)
  --batch N       bars per run, 1..100000 (default 20)
  --pace MS       wait after each bar, 0..60000 (default 0)
  --loop          run until stopped; INTERVAL_MS, ERROR_BACKOFF_MS, ERROR_BACKOFF_MAX_RETRIES, PIPELINE_PAUSED
  --fail-at N     fail before the n-th bar of each run, keeping the bars before it
  --report        compare the rows written with the bars consumed
  --recover NAME  bring safety back to NORMAL in the name of an operator`;

/** Reads the arguments; throws `UsageError` naming the option, what was given and what is allowed. */
export function parsePipelineOptions(args: readonly string[]): PipelineOptions {
  const values = parseValues(args);
  if (values.data === undefined)
    throw new UsageError('--data is missing; name the folder for records and state');
  if (values.bars !== undefined && values.seed !== undefined) {
    throw new UsageError('--bars and --seed exclude each other; a run has one source of bars');
  }
  const { MAX_SAFE_INTEGER } = Number;
  return {
    dataDir: values.data,
    bars:
      values.bars !== undefined
        ? { kind: 'file', path: values.bars }
        : { kind: 'seed', seed: wholeNumber('--seed', values.seed ?? '7', [0, MAX_SAFE_INTEGER]) },
    batch: wholeNumber('--batch', values.batch ?? '20', [1, 100_000]),
    paceMs: wholeNumber('--pace', values.pace ?? '0', [0, 60_000]),
    loop: values.loop,
    report: values.report,
    symbol: values.symbol,
    failAtBar:
      values['fail-at'] === undefined ? undefined : wholeNumber('--fail-at', values['fail-at'], [1, 100_000]),
    recoverBy: values.recover,
  };
}

function parseValues(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    return parseArgs({
      args: [...args],
      options: {
        data: text,
        bars: text,
        symbol: text,
        seed: text,
        batch: text,
        pace: text,
        loop: flag,
        report: flag,
        'fail-at': text,
        recover: text,
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function wholeNumber(name: string, text: string, [least, most]: readonly [number, number]): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `${name} is ${JSON.stringify(text)}; a whole number from ${least} to ${most} is allowed`,
  );
}
