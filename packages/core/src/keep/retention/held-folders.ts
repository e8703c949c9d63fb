import type { FolderGrip, HeldFolder } from './delete-request.ts';

/** Folders that are held while a batch goes: the file that was looked at last is in the folder from which it goes. */
export class HeldFolders {
  readonly #grip: FolderGrip | undefined;
  readonly #held = new Map<string, HeldFolder>();

  constructor(grip: FolderGrip | undefined) {
    this.#grip = grip;
  }

  /** Where names of a folder are reached; the folder's own path where nothing can hold it. */
  at(folder: string): string {
    if (this.#grip === undefined) return folder;
    const held = this.#held.get(folder) ?? this.#grip.open(folder);
    this.#held.set(folder, held);
    return held.path;
  }

  letGo(): void {
    for (const held of this.#held.values()) held.close();
    this.#held.clear();
  }
}
