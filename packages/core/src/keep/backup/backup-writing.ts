import type { FileFacts, OpenedFile } from '../../ports/keep-files.ts';
import { closeQuietly, removeQuietly } from './archive-strategy.ts';
import type { Ancestor } from './backup-ancestor.ts';
import { backupError } from './backup-errors.ts';
import type {
  BackupManifest,
  ManifestEntry,
  ManifestHead,
  SkippedEntry,
  SkippedReason,
} from './backup-manifest.ts';
import { type BackupNames, EXTRA_FOLDER, partialName } from './backup-names.ts';
import type { BackupPlan } from './backup-plan.ts';
import type { BackupRoot } from './backup-root.ts';
import type { BackupRequest } from './backup-run.ts';
import type { BackupServices } from './backup-services.ts';
import type { BackupSink } from './backup-strategy.ts';
import { type FileToRead, readIntoSink, type Taken } from './file-reading.ts';
import { ManifestWriter } from './manifest-file.ts';
import { publishFile, publishFolder } from './publish.ts';

/** Everything that was decided before the first byte is written. */
export interface WritingParts {
  readonly request: BackupRequest;
  readonly plan: BackupPlan;
  readonly root: BackupRoot;
  readonly names: BackupNames;
  readonly head: ManifestHead;
  readonly ancestor: Ancestor | undefined;
}

/** What was written and published. */
export interface Written {
  readonly manifest: BackupManifest;
  readonly skipped: ReadonlyMap<SkippedReason, number>;
}

/** Files between two reports of progress and two looks at the signal. */
const REPORT_EVERY = 256;

/** Writes one backup and publishes it: archive first, then the manifest, each synced before the next step. */
export class BackupWriting {
  readonly #services: BackupServices;
  readonly #parts: WritingParts;
  readonly #skipped = new Map<SkippedReason, number>();
  #sink: BackupSink | undefined;
  #manifestFile: OpenedFile | undefined;
  readonly #holders = new Set<string>();
  #files = 0;
  #bytes = 0;
  #archiveFacts: FileFacts | undefined;

  constructor(services: BackupServices, parts: WritingParts) {
    this.#services = services;
    this.#parts = parts;
  }

  /** Runs once. On any failure the partials are removed and nothing has a final name that has no manifest. */
  async run(): Promise<Written> {
    const { files } = this.#services;
    const { names, root, head } = this.#parts;
    try {
      this.#sink = this.#openSink();
      this.#manifestFile = files.createNew(`${root.path}/${this.#partial(names.manifest)}`, 0o600);
      const writer = new ManifestWriter(this.#manifestFile, head);
      await this.#writeFiles(this.#sink, writer);
      await this.#writeExtras(this.#sink, writer);
      if (this.#files === 0) throw this.#nothingKept();
      for (const skipped of this.#parts.plan.skipped) this.#leaveOut(writer, skipped);
      const manifest = await this.#finish(this.#sink, writer);
      this.#publish();
      return { manifest, skipped: this.#skipped };
    } catch (error) {
      await this.#giveUp();
      throw error;
    }
  }

  #openSink(): BackupSink {
    const { files, archives } = this.#services;
    const { root, names, request } = this.#parts;
    const partial = this.#partial(names.archive);
    return request.strategy.open({ files, archives, backupRoot: root.path, partial });
  }

  async #writeFiles(sink: BackupSink, writer: ManifestWriter): Promise<void> {
    const { plan, ancestor, request } = this.#parts;
    for (let index = 0; index < plan.files.count; index++) {
      if (index % REPORT_EVERY === 0) {
        await this.#services.clock.nextTurn();
        this.#report();
      }
      const known = ancestor?.unchanged(plan.files.at(index));
      if (known !== undefined) {
        this.#record(writer, known);
        continue;
      }
      const path = plan.files.pathAt(index);
      const steps = this.#read(sink, { full: `${plan.sourceRoot}/${path}`, path, dev: plan.sourceDev });
      // Waiting is rare, so that a small file costs no promise.
      let step = steps.next();
      while (step.done !== true) {
        await waitIn(steps, step.value);
        request.signal?.throwIfAborted();
        step = steps.next();
      }
      this.#take(writer, { path, taken: step.value });
    }
    this.#report();
  }

  #read(sink: BackupSink, file: FileToRead): Generator<Promise<void>, Taken, void> {
    const { files, clock } = this.#services;
    const pause = (bytes: number) => {
      this.#report(bytes);
      return clock.nextTurn();
    };
    return readIntoSink(files, sink, { ...file, pause });
  }

  /** Extra files are copied beside the backup first, because only a copy made by their owner is consistent. */
  async #writeExtras(sink: BackupSink, writer: ManifestWriter): Promise<void> {
    const { files } = this.#services;
    const { request, root, names } = this.#parts;
    for (const extra of request.extras ?? []) {
      if (!extra.path.startsWith(`${EXTRA_FOLDER}/`)) throw this.#badExtra(extra.path);
      const partial = this.#partial(names.database);
      const full = `${root.path}/${partial}`;
      try {
        await extra.make(full, request.signal);
        const dev = files.facts(full)?.dev ?? 0n;
        const steps = this.#read(sink, { full, path: extra.path, dev });
        let step = steps.next();
        while (step.done !== true) {
          await waitIn(steps, step.value);
          step = steps.next();
        }
        if (step.value.kind === 'skipped') throw this.#extraLost(extra.path, step.value.reason);
        this.#take(writer, { path: extra.path, taken: step.value, extra: true });
      } finally {
        removeQuietly({ files, backupRoot: root.path, partial });
      }
    }
  }

  #take(
    writer: ManifestWriter,
    { path, taken, extra }: { readonly path: string; readonly taken: Taken; readonly extra?: true },
  ): void {
    if (taken.kind === 'skipped') {
      const { reason, detail } = taken;
      this.#leaveOut(writer, { path, reason, ...(detail === undefined ? {} : { detail }) });
      return;
    }
    const { facts, place, sha256, state } = taken;
    this.#record(writer, {
      path,
      kind: 'file',
      size: facts.size,
      sha256,
      dev: String(facts.dev),
      ino: String(facts.ino),
      mode: facts.mode,
      mtimeNs: String(facts.mtimeNs),
      ctimeNs: String(facts.ctimeNs),
      nlink: facts.nlink,
      state: this.#parts.request.isGrowing?.(path) === true ? 'grown' : state,
      ...(place === undefined ? {} : { block: place.block, offset: place.offset }),
      ...(extra === undefined ? {} : { extra }),
    });
  }

  #record(writer: ManifestWriter, entry: ManifestEntry): void {
    writer.entry(entry);
    if (entry.heldBy !== undefined) this.#holders.add(entry.heldBy);
    this.#files++;
    this.#bytes += entry.size;
  }

  #leaveOut(writer: ManifestWriter, skipped: SkippedEntry): void {
    writer.skipped(skipped);
    this.#skipped.set(skipped.reason, (this.#skipped.get(skipped.reason) ?? 0) + 1);
  }

  async #finish(sink: BackupSink, writer: ManifestWriter): Promise<BackupManifest> {
    const { bytes, sha256, blocks } = await sink.finish();
    const { head } = this.#parts;
    const foot = {
      recordCount: this.#files,
      checksum: sha256,
      archiveBytes: bytes,
      sourceBytes: this.#bytes,
      skippedCount: [...this.#skipped.values()].reduce((sum, count) => sum + count, 0),
      holders: [...this.#holders].toSorted(),
      durationMs: Math.max(0, this.#services.clock.now() - head.startedAtMs),
    };
    const { blocksAt } = writer.finish(blocks, foot);
    this.#manifestFile?.sync();
    this.#manifestFile?.close();
    return { ...head, ...foot, blocksAt };
  }

  #publish(): void {
    const { files } = this.#services;
    const { names, root, request } = this.#parts;
    this.#archiveFacts = files.facts(`${root.path}/${this.#partial(names.archive)}`);
    const publish = request.strategy.name === 'file' ? publishFolder : publishFile;
    publish(files, root.path, { partial: this.#partial(names.archive), name: names.archive });
    publishFile(files, root.path, { partial: this.#partial(names.manifest), name: names.manifest });
  }

  /** An archive whose manifest could not be published is not a backup; it goes like a partial. */
  async #giveUp(): Promise<void> {
    const { files } = this.#services;
    const { names, root } = this.#parts;
    if (this.#manifestFile !== undefined) closeQuietly(this.#manifestFile);
    await this.#sink?.discard();
    removeQuietly({ files, backupRoot: root.path, partial: this.#partial(names.manifest) });
    if (this.#isPublishedAlone()) removeQuietly({ files, backupRoot: root.path, partial: names.archive });
  }

  /** True when the archive of that name is ours and has no manifest; somebody else's of that name is not touched. */
  #isPublishedAlone(): boolean {
    const { files } = this.#services;
    const { names, root } = this.#parts;
    const own = this.#archiveFacts;
    if (own === undefined || files.facts(`${root.path}/${names.manifest}`) !== undefined) return false;
    const found = files.facts(`${root.path}/${names.archive}`);
    return found?.ino === own.ino && found.dev === own.dev;
  }

  /** `begun`: bytes of the file that is being read. */
  #report(begun = 0): void {
    const { request, plan } = this.#parts;
    request.signal?.throwIfAborted();
    request.onProgress?.({
      stage: 'write',
      files: this.#files,
      totalFiles: plan.files.count,
      bytes: this.#bytes + begun,
      totalBytes: plan.files.bytes,
    });
  }

  #partial(name: string): string {
    return partialName(name, this.#parts.request.runId);
  }

  #nothingKept(): Error {
    const { sourceRoot } = this.#parts.plan;
    const reasons = [...this.#skipped].map(([reason, count]) => `${reason} ${count}`).join(', ');
    return backupError('BAT-0502', `source ${sourceRoot}: every file was left out (${reasons})`, {
      data: { source: sourceRoot },
    });
  }

  #badExtra(path: string): Error {
    return backupError('INP-0805', `extra file ${path}: its name must begin with ${EXTRA_FOLDER}/`);
  }

  #extraLost(path: string, reason: SkippedReason): Error {
    return backupError(
      'SYS-0142',
      `backup root ${this.#parts.root.path}: the copy of ${path} was left out (${reason})`,
    );
  }
}

/** What was waited for failed inside the reading, so that its file is closed. */
async function waitIn(steps: Generator<Promise<void>, Taken, void>, waiting: Promise<void>): Promise<void> {
  try {
    await waiting;
  } catch (error) {
    steps.throw(error);
  }
}
