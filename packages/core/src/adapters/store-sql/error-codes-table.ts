import { createHash } from 'node:crypto';
import { categoryOf, type ErrorDefinition, type ErrorSeverity } from '../../kernel/define-errors.ts';
import { SPECIFICATION_ERRORS } from './specification-errors.ts';
import { pick, type SqlDialect } from './sql-statement.ts';
import type { ErrorCodeRow } from './store-schema.ts';

/** Codes with their meaning, as `listErrors` gives them. */
export type ErrorCatalogue = ReadonlyArray<readonly [string, ErrorDefinition]>;

/** What a row says, without the instants of its own history. */
export type ErrorCodeContent = Omit<ErrorCodeRow, 'created_at' | 'updated_at'>;

const SEVERITIES: Readonly<Record<ErrorSeverity, string>> = {
  INFO: 'LOW',
  WARN: 'MEDIUM',
  ERROR: 'HIGH',
  CRITICAL: 'CRITICAL',
};

const CONTENT_COLUMNS: ReadonlyArray<keyof ErrorCodeContent> = [
  'error_code',
  'category',
  'severity',
  'user_message',
  'user_message_ko',
  'ops_message',
  'ops_message_ko',
  'action_guide',
  'action_guide_ko',
  'auto_alert',
  'alert_level',
  'retry',
  'outcome_known',
  'http_status',
  'cli_exit',
  'aliases',
  'source',
  'is_active',
];

/** The statements of `error_code_master`. */
export function errorCodeStatements({ statement }: SqlDialect) {
  return {
    all: statement((db, _: object) =>
      db.selectFrom('error_code_master').select(CONTENT_COLUMNS).orderBy('error_code'),
    ),
    upsert: statement((db, p: ErrorCodeRow) =>
      db
        .insertInto('error_code_master')
        .values({ ...pick(p, CONTENT_COLUMNS), created_at: p.created_at, updated_at: p.updated_at })
        .onConflict((on) =>
          on
            .column('error_code')
            .doUpdateSet({ ...pick(p, CONTENT_COLUMNS.slice(1)), updated_at: p.updated_at }),
        ),
    ),
    retire: statement((db, p: { readonly error_code: string; readonly updated_at: number }) =>
      db
        .updateTable('error_code_master')
        .set({ is_active: 0, updated_at: p.updated_at })
        .where('error_code', '=', p.error_code),
    ),
  };
}

/** The rows the master table is to hold: the specification's and those of a catalogue. */
export function errorCodeRows(catalogue: ErrorCatalogue): readonly ErrorCodeContent[] {
  const specified = SPECIFICATION_ERRORS.map(([code, definition]) =>
    toContent(code, definition, 'specification'),
  );
  const own = catalogue.map(([code, definition]) => toContent(code, definition, 'catalogue'));
  return [...specified, ...own].sort((a, b) => (a.error_code < b.error_code ? -1 : 1));
}

/** A fingerprint of the whole catalogue; kept in `meta` to tell a new version from a row somebody edited. */
export function catalogueHash(rows: readonly ErrorCodeContent[]): string {
  return createHash('sha256').update(rows.map(contentText).join('\n'), 'utf8').digest('hex');
}

/** Codes whose stored row is missing or says something else than it should. */
export function findDrift(
  stored: readonly ErrorCodeContent[],
  wanted: readonly ErrorCodeContent[],
): readonly string[] {
  const texts = new Map(stored.map((row) => [row.error_code, contentText(row)]));
  return wanted.filter((row) => texts.get(row.error_code) !== contentText(row)).map((row) => row.error_code);
}

/** Stored codes that are still active although nobody declares them any more. */
export function findRetired(
  stored: readonly ErrorCodeContent[],
  wanted: readonly ErrorCodeContent[],
): readonly string[] {
  const codes = new Set(wanted.map((row) => row.error_code));
  return stored
    .filter((row) => row.is_active === 1 && !codes.has(row.error_code))
    .map((row) => row.error_code);
}

function contentText(row: ErrorCodeContent): string {
  return JSON.stringify(CONTENT_COLUMNS.map((column) => row[column]));
}

function toContent(
  code: string,
  definition: ErrorDefinition,
  source: 'specification' | 'catalogue',
): ErrorCodeContent {
  return {
    error_code: code,
    category: categoryOf(code),
    severity: SEVERITIES[definition.severity],
    user_message: definition.user.en,
    user_message_ko: definition.user.ko,
    ops_message: definition.operator.en,
    ops_message_ko: definition.operator.ko,
    action_guide: definition.remedy?.en.join('\n') ?? '',
    action_guide_ko: definition.remedy?.ko.join('\n') ?? '',
    auto_alert: Number(definition.autoAlert),
    alert_level: definition.severity,
    retry: definition.retry,
    outcome_known: Number(definition.outcomeKnown ?? true),
    http_status: definition.httpStatus ?? null,
    cli_exit: definition.cliExit ?? null,
    aliases: JSON.stringify(definition.aliases ?? []),
    source,
    is_active: 1,
  };
}
