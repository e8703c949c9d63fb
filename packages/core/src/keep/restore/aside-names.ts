import type { KeepFiles } from '../../ports/keep-files.ts';
import { stampOf } from '../backup/backup-names.ts';
import { CountedList } from './counted-list.ts';
import type { PinnedFolder } from './folder-pins.ts';
import { restoreError } from './restore-errors.ts';

const NAME_BYTES_MAX = 255;

/** Gives names that are in the way of a restore another name, which says when and why. */
export class AsideNames {
  readonly moved = new CountedList<{ readonly path: string; readonly now: string }>();
  readonly #files: KeepFiles;
  readonly #ending: string;

  constructor(files: KeepFiles, { runId, nowMs }: { readonly runId: string; readonly nowMs: number }) {
    this.#files = files;
    this.#ending = `.before-restore-${stampOf(nowMs)}-${runId.replaceAll('-', '').slice(-8)}`;
  }

  /** Moves a name aside; its content is not touched. The caller syncs the folder. @throws SYS-0184. */
  move(folder: PinnedFolder, name: string, path: string): void {
    const aside = `${fitting(name, NAME_BYTES_MAX - this.#ending.length)}${this.#ending}`;
    if (this.#files.facts(`${folder.path}/${aside}`) !== undefined) {
      throw restoreError('SYS-0184', `${path} cannot be kept aside: ${aside} is there already`, {
        data: { path },
      });
    }
    this.#files.rename(`${folder.path}/${name}`, `${folder.path}/${aside}`);
    const slash = path.lastIndexOf('/');
    this.moved.add({ path, now: `${path.slice(0, slash + 1)}${aside}` });
  }
}

/** As much of a name as fits, in whole characters. */
function fitting(name: string, bytes: number): string {
  let text = name;
  while (Buffer.byteLength(text) > bytes) text = [...text].slice(0, -1).join('');
  return text;
}
