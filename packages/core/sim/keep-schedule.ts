import fc from 'fast-check';
import type { CrashLoss } from '../src/testing/memory-files.ts';

/** Files that schedules are about; what a rule says of them follows from their first folder. */
export const KEEP_PATHS = [
  'raw/a.jsonl',
  'raw/b.jsonl',
  'raw/deep/c.jsonl',
  'pattern/d.jsonl',
  'decision/e.jsonl',
  'other/f.txt',
  `raw/${'long-'.repeat(30)}g.jsonl`,
  'raw/deep/h ü.jsonl',
] as const;

/** A file at the beginning. */
export interface FileSpec {
  readonly path: number;
  readonly ageDays: number;
  readonly bytes: number;
  readonly content: number;
}

/** What somebody else does to the data at any moment. */
export interface KeepEdit {
  readonly kind:
    | 'append'
    | 'rewrite'
    | 'replace'
    | 'rename'
    | 'symlink'
    | 'folder-symlink'
    | 'folder-outside'
    | 'hardlink'
    | 'chmod'
    | 'delete'
    | 'create'
    | 'seal';
  readonly path: number;
}

/** What goes wrong during one step, at one of its calls of the files port. */
export type Trouble =
  | { readonly kind: 'none' }
  | { readonly kind: 'crash'; readonly at: number; readonly loss: CrashLoss }
  | { readonly kind: 'error'; readonly at: number; readonly code: string; readonly applied: boolean }
  | { readonly kind: 'short'; readonly at: number }
  | { readonly kind: 'flip'; readonly at: number };

/** An edit that happens right before a call. */
export interface MidEdit {
  readonly at: number;
  readonly edit: KeepEdit;
}

/** What makes one step of a schedule its own. */
export type StepWork =
  | {
      readonly kind: 'maintenance';
      readonly backUp: 'expired-only' | 'everything';
      readonly policy: number;
      readonly strategy: number;
      readonly subset: boolean;
      readonly twice: boolean;
    }
  | { readonly kind: 'backup'; readonly strategy: number }
  | { readonly kind: 'verify'; readonly backup: number }
  | { readonly kind: 'prune'; readonly policy: number }
  | { readonly kind: 'copy'; readonly backup: number }
  | { readonly kind: 'restore'; readonly backup: number; readonly inPlace: boolean }
  | { readonly kind: 'edit'; readonly edit: KeepEdit }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'step-clock'; readonly ms: number }
  | { readonly kind: 'damage'; readonly backup: number; readonly part: number; readonly at: number }
  | { readonly kind: 'hold'; readonly path: number };

/** One step with what happens to it. */
export interface KeepStep {
  readonly work: StepWork;
  readonly trouble: Trouble;
  readonly edits: readonly MidEdit[];
}

/** A desk and what happens to it. */
export interface KeepSchedule {
  readonly files: readonly FileSpec[];
  readonly steps: readonly KeepStep[];
}

const DAY_MS = 86_400_000;
/** Most steps make about 70 calls, few several hundred; a place beyond the end leaves the step alone. */
const CALLS_USUAL = 90;
const CALLS_MAX = 300;

const path = fc.nat(KEEP_PATHS.length - 1);
const at = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: CALLS_USUAL }) },
  { weight: 1, arbitrary: fc.integer({ min: CALLS_USUAL, max: CALLS_MAX }) },
);
const strategy = fc.nat(4);
const backup = fc.nat(3);

const fileSpec: fc.Arbitrary<FileSpec> = fc.record({
  path,
  ageDays: fc.constantFrom(0, 1, 6, 8, 20, 40, 400),
  bytes: fc.constantFrom(0, 20, 20, 600, 70_000),
  content: fc.nat(2),
});

const edit: fc.Arbitrary<KeepEdit> = fc.record({
  kind: fc.constantFrom(
    'append',
    'rewrite',
    'replace',
    'rename',
    'symlink',
    'folder-symlink',
    'folder-outside',
    'hardlink',
    'chmod',
    'delete',
    'create',
    'seal',
  ),
  path,
});

const loss: fc.Arbitrary<CrashLoss> = fc.oneof(
  fc.constantFrom<CrashLoss>('lose', 'names', 'contents', 'keep'),
  fc.nat(1000),
);

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Trouble>({ kind: 'none' }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('crash' as const), at, loss }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('error' as const),
      at,
      code: fc.constantFrom('EIO', 'ENOSPC', 'EACCES', 'ENOENT', 'EROFS'),
      applied: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('short' as const), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flip' as const), at }) },
);

const work: fc.Arbitrary<StepWork> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('maintenance' as const),
      backUp: fc.constantFrom('expired-only' as const, 'everything' as const),
      policy: fc.nat(2),
      strategy,
      subset: fc.boolean(),
      twice: fc.integer({ min: 0, max: 7 }).map((n) => n === 7),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('backup' as const), strategy }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('verify' as const), backup }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('prune' as const), policy: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy' as const), backup }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('restore' as const), backup, inPlace: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('edit' as const), edit }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 60_000, DAY_MS, 8 * DAY_MS, 40 * DAY_MS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('step-clock' as const),
      ms: fc.constantFrom(-40 * DAY_MS, -3_600_000, 3_600_000, 400 * DAY_MS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('damage' as const), backup, part: fc.nat(2), at: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), path }) },
);

const step: fc.Arbitrary<KeepStep> = fc.record({
  work,
  trouble,
  edits: fc.oneof(
    { weight: 2, arbitrary: fc.constant<readonly MidEdit[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.record({ at, edit }), { maxLength: 3 }) },
  ),
});

/** Any schedule. */
export const keepSchedules: fc.Arbitrary<KeepSchedule> = fc.record({
  files: fc.array(fileSpec, { minLength: 1, maxLength: 8 }),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
});
