import { type BackupView, formatDuration } from '@qts-ops/core/client';
import type { CliIo } from './cli-io.ts';
import { type FittingColumn, fittingTable } from './fitting-table.ts';
import { sizeText } from './size-text.ts';
import type { CellStyle } from './text-table.ts';

const styles: Readonly<Record<BackupView['state'], CellStyle>> = {
  verified: 'green',
  unverified: 'yellow',
  broken: 'red',
};

/** The table of `backup list`. */
export function backupTable(backups: readonly BackupView[], nowMs: number, io: CliIo): string {
  if (backups.length === 0) return 'no backups\n';
  const look = { columns: io.columns, colored: io.colored };
  return fittingTable(columnsAt(nowMs), backups, look);
}

/** What a backup is worth and how old it is stays longest; on the narrowest terminals its name alone heads the rest. */
function columnsAt(nowMs: number): ReadonlyArray<FittingColumn<BackupView>> {
  const age = ({ madeAtMs }: BackupView) => ageText(madeAtMs, nowMs);
  const verified = ({ verifiedAtMs }: BackupView) => verifiedText(verifiedAtMs, nowMs);
  const size = ({ bytes }: BackupView) => sizeText(bytes);
  return [
    {
      title: 'STATE',
      cell: ({ state }) => state,
      style: ({ state }) => styles[state],
      leaves: 9,
      below: stateOf,
    },
    { title: 'BACKUP', cell: ({ id }) => id },
    { title: 'SOURCE', cell: ({ source }) => source, leaves: 5, below: ({ source }) => source },
    { title: 'AGE', align: 'right', cell: age, leaves: 8, below: (backup) => `${age(backup)} old` },
    {
      title: 'VERIFIED',
      align: 'right',
      cell: verified,
      leaves: 7,
      below: (row) => `read back ${verified(row)}`,
    },
    { title: 'FILES', align: 'right', cell: ({ files }) => String(files), leaves: 3 },
    { title: 'SIZE', align: 'right', cell: size, leaves: 6, below: size },
    { title: 'KIND', cell: ({ strategy, codec }) => `${strategy} ${codec}`, leaves: 2 },
    { title: 'MARK', cell: markText, leaves: 4, below: markText },
    { title: 'PROBLEM', cell: problemText, leaves: 1, below: problemText },
  ];
}

function stateOf({ state }: BackupView): string {
  return state;
}

function markText({ copy, held }: BackupView): string {
  return [...(copy ? ['copy'] : []), ...(held ? ['held'] : [])].join(', ');
}

function problemText({ problem = '' }: BackupView): string {
  return problem;
}

function ageText(atMs: number, nowMs: number): string {
  return formatDuration(Math.max(0, nowMs - atMs));
}

function verifiedText(atMs: number | undefined, nowMs: number): string {
  return atMs === undefined ? 'never' : `${ageText(atMs, nowMs)} ago`;
}
