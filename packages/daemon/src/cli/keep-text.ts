import type { DeskPrune, KeepReport, RestoreReport, ShownBackup, SourcePreview } from '@qts-ops/core';
import { type ExecutionDetail, formatDuration, formatInstant } from '@qts-ops/core/client';
import type { CliIo } from './cli-io.ts';
import { foldLine } from './fold-text.ts';
import { sizeText } from './size-text.ts';
import { plainLine, plainText } from './text-table.ts';

/** Lines of a list that a person reads; the rest is counted. */
const LISTED_MAX = 50;

/** Blanks under which a long line goes on. */
const INDENT = 4;
const PLAN_INDENT = 12;

/** Lines of text from elsewhere, each folded to the terminal where it is wider. */
export function foldedText(
  lines: readonly string[],
  { columns }: Pick<CliIo, 'columns'>,
  indent = INDENT,
): string {
  const folded = lines.flatMap((line) => foldLine(plainLine(line), { columns, indent }));
  return folded.map((line) => `${line}\n`).join('');
}

/** The page of `backup show`. */
export function shownText(shown: ShownBackup, timeZone: string, io: CliIo): string {
  const { id, backupRoot, archive, state, problem, manifest, verifiedAtMs, hold, files } = shown;
  const lines = [
    `backup    ${id}`,
    `state     ${state}${problem === undefined ? '' : `: ${problem}`}`,
    `archive   ${backupRoot}/${archive}`,
    `verified  ${verifiedAtMs === undefined ? 'never' : formatInstant(verifiedAtMs, timeZone)}`,
  ];
  if (manifest !== undefined) {
    const { source, backupAt, strategy, codec, recordCount, sourceBytes, archiveBytes, parent } = manifest;
    lines.push(
      `source    ${source}`,
      `made      ${backupAt}, ${strategy} ${codec}, in ${formatDuration(manifest.durationMs)}`,
      `files     ${recordCount}, ${sizeText(sourceBytes)} in ${sizeText(archiveBytes)}`,
      `checksum  ${manifest.checksum}`,
    );
    if (parent !== undefined) lines.push(`builds on ${String(parent)}`);
  }
  if (hold !== undefined) lines.push(`held      by ${hold.owner}: ${hold.reason}`);
  // One line for each file, however wide: programs read them, and a digest in pieces is none.
  const listed = (files ?? []).map(({ path, size, sha256 }) => {
    return `${plainLine(`${sha256}  ${String(size).padStart(12)}  ${path}`)}\n`;
  });
  return foldedText(lines, io, 'checksum  '.length) + listed.join('');
}

/** What a run in this process did, a line for each source. */
export function reportText({ sources, notes }: KeepReport, io: CliIo): string {
  const told = notes.map((note) => `  ${note}`);
  const lines = sources.map((report) => {
    const { source, status, backupId, files, bytes, deletedFiles, deletedBytes, keptFiles, problems } =
      report;
    const { prunedBackups, durationMs } = report;
    const parts = [
      ...(backupId === undefined ? [] : [`backup ${backupId}`]),
      ...(files === undefined ? [] : [`${files} files`]),
      ...(bytes === undefined ? [] : [sizeText(bytes)]),
      ...(deletedFiles === undefined
        ? []
        : [`deleted ${deletedFiles} files, ${sizeText(deletedBytes ?? 0)}`]),
      ...(keptFiles === undefined ? [] : [`kept ${keptFiles} expired`]),
      ...(prunedBackups === undefined || prunedBackups === 0 ? [] : [`pruned ${prunedBackups} backups`]),
      ...(durationMs === undefined ? [] : [`${(durationMs / 1000).toFixed(2)} s`]),
      ...problems,
    ];
    return [`${source}: ${status}`, ...parts].join(', ');
  });
  return foldedText([...lines, ...told], io);
}

/** How a run of the engine ended, with the last lines it wrote. */
export function executionText(execution: ExecutionDetail): string {
  const { jobId, id, status, errorCode, errorMessage, outputTail } = execution;
  const why = errorCode === undefined ? '' : `  ${errorCode} ${errorMessage ?? ''}`;
  return `${plainText(outputTail)}${jobId}: execution ${id} ${status}${plainLine(why)}\n`;
}

/** What pruning did or would do. */
export function pruneText(
  { backupRoot, decisions, removed, freedBytes }: DeskPrune,
  { dryRun, columns }: { readonly dryRun: boolean } & Pick<CliIo, 'columns'>,
): string {
  const lines = decisions.map(({ id, keep, reasons }) => {
    const word = keep ? 'keep  ' : dryRun ? 'prune ' : 'pruned';
    return `${word}  ${id}  ${reasons.join(', ')}`;
  });
  const verb = dryRun ? 'would remove' : 'removed';
  const sum = `${backupRoot}: ${verb} ${removed.length} backups, ${sizeText(freedBytes)}`;
  return foldedText([...lines, sum], { columns });
}

/** What a restore did. */
export function restoredText(report: RestoreReport, io: CliIo): string {
  const { backupId, target, outcome, proof, files, bytes, writtenFiles, unchangedFiles } = report;
  const { lost, keptAside, resumed, holdIds, durationMs } = report;
  const lines = [
    `restored ${files} files, ${sizeText(bytes)}, of backup ${backupId} to ${target} in ${(durationMs / 1000).toFixed(2)} s`,
    `${outcome}: ${writtenFiles} written, ${unchangedFiles} were there already; proof: ${proof}${resumed ? '; went on with an earlier restore' : ''}`,
    ...(keptAside.count === 0 ? [] : [`kept aside: ${keptAside.count} files`]),
    ...keptAside.first.map(({ path, now }) => `  ${path} is now ${now}`),
    ...(holdIds.length === 0
      ? []
      : ['the restored files are held: no clean-up deletes them while the hold stands']),
    ...(lost.count === 0 ? [] : [`lost: ${lost.count} files`]),
    ...lost.first.map(({ path, problem }) => `  ${path}: ${problem}`),
  ];
  return foldedText(lines, io);
}

/** What the next maintenance run would do to one source. */
export function planText(
  preview: SourcePreview,
  texts: {
    readonly expired: (file: SourcePreview['candidates'][number]) => string;
    readonly kept: (reason: SourcePreview['kept'][number]['reason']) => string;
  },
  { showKept, columns }: { readonly showKept: boolean } & Pick<CliIo, 'columns'>,
): string {
  const { source, path, retention, candidates, deferred, heldBack, kept } = preview;
  const bytes = candidates.reduce((sum, { size }) => sum + size, 0);
  const lines = [
    `${source}  ${path}: ${retention.scannedFiles} files, ${sizeText(retention.scannedBytes)}`,
    ...(heldBack === undefined ? [] : [`  deletes nothing: ${heldBack}`]),
    `  would back up, verify and delete ${candidates.length} files, ${sizeText(bytes)}`,
    ...listed(candidates.map((file) => `    delete  ${file.path}  ${texts.expired(file)}`)),
    ...(deferred.length === 0 ? [] : [`  expired and left for a later run: ${deferred.length} files`]),
    ...Object.entries(retention.keptByReason).map(
      ([why, count]) => `  keeps ${count?.files ?? 0} files, ${sizeText(count?.bytes ?? 0)}: ${why}`,
    ),
    ...(showKept ? listed(kept.map((file) => `    keep    ${file.path}  ${texts.kept(file.reason)}`)) : []),
    ...retention.warnings.map((warning) => `  warning: ${warning}`),
  ];
  return foldedText(lines, { columns }, PLAN_INDENT);
}

function listed(lines: readonly string[]): readonly string[] {
  if (lines.length <= LISTED_MAX) return lines;
  return [...lines.slice(0, LISTED_MAX), `    and ${lines.length - LISTED_MAX} more; --json lists all`];
}
