import type { KeepFiles } from '../../ports/keep-files.ts';
import { namesOf } from './hold-rules.ts';
import type { FileCount } from './retention-policy.ts';
import { seenFiles } from './scan-expired.ts';

/** A data set in which is looked for what a hold fits. */
export interface FittedDataset {
  readonly dataRoot: string;
  readonly excluded: readonly string[];
}

/** How many files of some data sets each glob names now, in the order of the globs. @throws what the system says. */
export function fittingFiles(
  files: KeepFiles,
  datasets: readonly FittedDataset[],
  globs: readonly string[],
): readonly FileCount[] {
  const counted = globs.map((glob) => ({ names: namesOf([glob]), count: { files: 0, bytes: 0 } }));
  for (const dataset of datasets) {
    for (const { path, size } of seenFiles(files, dataset)) {
      for (const one of counted) {
        const { files: before, bytes } = one.count;
        if (one.names(path)) one.count = { files: before + 1, bytes: bytes + size };
      }
    }
  }
  return counted.map(({ count }) => count);
}
