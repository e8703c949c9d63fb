import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, repositoryFiles, typeScriptFiles } from './repository-files.ts';

/** Every name of the specification; a reader looks each of them up in the glossary. */
const SPECIFICATION_NAMES = `
  TARGET_PIPELINE TARGET_BROKER_HEARTBEAT TARGET_DASHBOARD_UPDATE TARGET_BACKUP_MAINTENANCE
  CHECK_GOOGLE_SHEETS CHECK_REPOSITORY_HEALTH CHECK_BROKER_HEARTBEAT CHECK_ETEDA_LOOP_LATENCY
  intervalMs errorBackoffMs maxConsecutiveErrors consecutiveErrors MinimalScheduler addTarget shouldStop
  HealthMonitor addCheck runChecks AlertChannel sendCritical sendWarning LogOnlyAlertChannel
  BackupManager BackupManifest BackupResult ArchiveBackupStrategy FileBackupStrategy buildBackupPlan runBackup
  DataRetentionPolicy FileRetentionPolicy DatasetScanner RetentionCleaner scanExpired executeCleanup
  runMaintenance runMaintenanceAutomation raw_snapshot pattern_record decision_snapshot ETEDA Observer Core
  OpsException InputDataException ExternalApiException BatchExecutionException DataQualityException
  LogicException SystemException ErrorCodeService autoAlert INP EXT BAT DQ LOG SYS
  BatchExecutionService startExecution updateProgress completeExecution failExecution stopExecution
  READY RUNNING SUCCESS FAILED STOPPED AUTO MANUAL REPLAY
  AuditLogService logBatchAction logDataCorrection logConfigChange
  ReplayService replayFull replayRange replaySingle
  ResultVersionService createVersion deactivateVersion getActiveVersion getVersionHistory
  OpsAlertService sendAlert acknowledgeAlert
  batch_job batch_execution batch_execution_log ops_audit_log result_version ops_alert error_code_master
  data_snapshot data_lineage_node data_lineage_edge validation_rule_master validation_rule_version
  validation_result execution_context data_quality_report data_quality_report_item
  SOURCE SNAPSHOT TRANSFORM AGGREGATION RESULT PASS WARN FAIL
`
  .trim()
  .split(/\s+/);

interface GlossaryRow {
  /** In backticks on the page: a name that stands in the code like this. */
  readonly name?: string;
  readonly english: string;
  readonly korean: string;
  readonly where: string;
}

const rows = glossaryRows(readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8'));

describe('the glossary', () => {
  it('is read as rows of names, both languages and places', () => {
    const page = '| `READY` | 준비 | x | [`a.ts`](../a.ts) |\n| plain word | 낱말 | y | «comes with z» |\n';
    expect(
      glossaryRows(`| English | 한국어 | Meaning | Where |\n| --- | --- | --- | --- |\n${page}`),
    ).toEqual([
      { name: 'READY', english: 'READY', korean: '준비', where: '[`a.ts`](../a.ts)' },
      { english: 'plain word', korean: '낱말', where: '«comes with z»' },
    ]);
  });

  it('holds every name of the specification', () => {
    const known = new Set(rows.map(({ english }) => english));
    expect(SPECIFICATION_NAMES.filter((name) => !known.has(name))).toEqual([]);
  });

  it('gives every noun a Korean word and a place', () => {
    expect(rows.filter(({ korean, where }) => korean === '' || where === '')).toEqual([]);
  });

  it('sends the reader to a file in which the name really stands', () => {
    expect(rows.flatMap(misplaced)).toEqual([]);
  });

  it('says «comes with …» only of what does not exist', () => {
    const exported = exportedNames();
    const late = rows.filter(({ where }) => where.startsWith('«comes with'));
    expect(late.length).toBeGreaterThan(0);
    expect(
      late.filter(({ name }) => name !== undefined && exported.has(name)).map(({ name }) => name),
    ).toEqual([]);
  });

  it('names every table of the database', () => {
    const known = new Set(rows.map(({ english }) => english));
    const tables = repositoryFiles()
      .filter(({ path }) => path.includes('/store-sql/migrations/'))
      .flatMap(({ text }) => [...text.matchAll(/create table (\w+)/g)].map((match) => match[1] ?? ''));
    expect(tables.length).toBeGreaterThan(0);
    expect(tables.filter((table) => !known.has(table))).toEqual([]);
  });
});

function misplaced({ name, where }: GlossaryRow): string[] {
  const link = /\]\(([^)]+)\)/.exec(where)?.[1];
  if (name === undefined || link === undefined || !/\.(ts|tsx)$/.test(link)) return [];
  const path = normalize(join('docs', link));
  if (!existsSync(join(ROOT, path))) return [`${name}: ${path} does not exist`];
  return readFileSync(join(ROOT, path), 'utf8').includes(name) ? [] : [`${name}: not in ${path}`];
}

function glossaryRows(page: string): readonly GlossaryRow[] {
  return page.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    if (cells.length !== 6 || cells[1] === 'English' || /^-+$/.test(cells[1] ?? '')) return [];
    const [, first = '', korean = '', , where = ''] = cells;
    const name = /^`(.+)`$/.exec(first)?.[1];
    return [{ ...(name === undefined ? {} : { name }), english: name ?? first, korean, where }];
  });
}

/** Names that some package exports, classes' methods included. */
function exportedNames(): ReadonlySet<string> {
  const sources = typeScriptFiles(repositoryFiles()).filter(({ path }) =>
    /^packages\/\w[\w-]*\/src\//.test(path),
  );
  const pattern =
    /^(?:export (?:abstract )?(?:async )?(?:class|function|const|interface|type) | {2}(?:async )?)([A-Za-z]\w*)/gm;
  return new Set(
    sources.flatMap(({ text }) =>
      [...text.matchAll(pattern)].filter(isDeclaration).map((match) => match[1] ?? ''),
    ),
  );
}

/** An indented name counts as a method when a parameter list and a body follow. */
function isDeclaration(match: RegExpExecArray): boolean {
  if (match[0].startsWith('export')) return true;
  const rest = match.input.slice(match.index + match[0].length, match.index + match[0].length + 200);
  return /^\([^)]*\)(?::[^{;]+)?\s*\{/.test(rest);
}
