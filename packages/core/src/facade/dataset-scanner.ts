import { nodeKeepFiles } from '../adapters/files-node/keep-files.ts';
import type { SeenFile } from '../keep/retention/retention-policy.ts';
import { readDataset } from '../keep/retention/scan-expired.ts';
import type { KeepFiles } from '../ports/keep-files.ts';

export type { SeenFile };

/** How a data set is scanned. */
export interface DatasetScannerOptions {
  /** Folders that do not belong to the data, such as a backup root inside them. */
  readonly excluded?: readonly string[] | undefined;
  readonly files?: KeepFiles | undefined;
}

/** Lists the files of a data set with what the rules need to know of them; hidden ones are files like any other. */
export class DatasetScanner {
  readonly datasetRoot: string;
  readonly #options: DatasetScannerOptions;

  constructor(datasetRoot: string, options: DatasetScannerOptions = {}) {
    this.datasetRoot = datasetRoot;
    this.#options = options;
  }

  /** @throws SYS-0160 when the data set cannot be read whole. */
  scan(): readonly SeenFile[] {
    const { files = nodeKeepFiles(), excluded = [] } = this.#options;
    return readDataset(files, { dataRoot: this.datasetRoot, excluded });
  }
}
