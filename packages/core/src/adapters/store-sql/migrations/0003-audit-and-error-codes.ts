import type { Migration } from './migration.ts';
import { isOneOf } from './word-check.ts';

/** The reason without any kind of space, so that its length counts what was really written. */
const REASON_INK = `replace(replace(replace(replace(replace(replace(
  coalesce(body ->> '$.reason', ''), ' ', ''), char(9), ''), char(10), ''), char(13), ''), char(160), ''), char(12288), '')`;

/** The chained audit log and the master table of error codes. */
export const auditAndErrorCodes: Migration = {
  version: 3,
  name: 'audit-and-error-codes',
  statements: [
    // One key and no second UNIQUE: a REPLACE that hits another unique column would delete a row unseen.
    `create table ops_audit_log (
      seq integer not null primary key,
      chain_id text not null,
      prev blob not null check (length(prev) = 32),
      leaf blob not null check (length(leaf) = 32),
      hash blob not null check (length(hash) = 32),
      body text not null check (json_valid(body)),
      audit_id integer generated always as (seq) virtual,
      audit_type text generated always as (body ->> '$.audit_type') virtual,
      target_type text generated always as (body ->> '$.target.type') virtual,
      target_id text generated always as (body ->> '$.target.id') virtual,
      action text generated always as (body ->> '$.action') virtual,
      before_state text generated always as (body -> '$.before') virtual,
      after_state text generated always as (body -> '$.after') virtual,
      operator_id text generated always as (body ->> '$.actor.operator_id') virtual,
      operator_ip text generated always as (body ->> '$.actor.ip') virtual,
      operator_reason text generated always as (body ->> '$.reason') virtual,
      approved_by text generated always as (body ->> '$.approved.by') virtual,
      approved_at integer generated always as (body ->> '$.approved.at') virtual,
      created_at integer generated always as (body ->> '$.ts') virtual,
      request_id text generated always as (body ->> '$.request_id') virtual,
      constraint operator_is_not_blank check (trim(coalesce(body ->> '$.actor.operator_id', '')) <> ''),
      constraint reason_is_given check (
        length(${REASON_INK}) >= case when (body ->> '$.actor.operator_id') like 'system:%' then 1 else 10 end),
      constraint act_is_named check (
        coalesce(body ->> '$.audit_type', '') <> '' and coalesce(body ->> '$.action', '') <> ''
        and coalesce(body ->> '$.target.type', '') <> '' and coalesce(body ->> '$.target.id', '') <> ''
        and typeof(body ->> '$.ts') = 'integer')
    ) strict`,
    `create index ops_audit_log_created on ops_audit_log (created_at)`,
    `create index ops_audit_log_target on ops_audit_log (target_id)`,
    `create index ops_audit_log_request on ops_audit_log (request_id)`,

    `create trigger ops_audit_log_insert before insert on ops_audit_log begin
      select case
        when new.seq <> coalesce((select max(seq) from ops_audit_log), 0) + 1
          then raise(abort, 'conflict: audit rows are numbered without gaps')
        when new.prev <> coalesce((select hash from ops_audit_log order by seq desc limit 1), zeroblob(32))
          then raise(abort, 'conflict: an audit row continues the chain')
        when new.chain_id is not (select value from meta where name = 'audit_chain_id')
          then raise(abort, 'an audit row belongs to the chain of its database')
      end;
    end`,
    `create trigger ops_audit_log_update before update on ops_audit_log begin
      select raise(abort, 'audit rows never change');
    end`,
    `create trigger ops_audit_log_delete before delete on ops_audit_log begin
      select raise(abort, 'audit rows are never deleted');
    end`,

    `create table error_code_master (
      error_code text not null primary key check (length(error_code) <= 20),
      category text not null check ${isOneOf('category', ['INP', 'EXT', 'BAT', 'DQ', 'LOG', 'SYS'])},
      severity text not null check ${isOneOf('severity', ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'])},
      user_message text not null,
      user_message_ko text not null,
      ops_message text not null,
      ops_message_ko text not null,
      action_guide text not null,
      action_guide_ko text not null,
      auto_alert integer not null check (auto_alert in (0, 1)),
      alert_level text not null check ${isOneOf('alert_level', ['INFO', 'WARN', 'ERROR', 'CRITICAL'])},
      retry text not null,
      outcome_known integer not null check (outcome_known in (0, 1)),
      http_status integer,
      cli_exit integer,
      aliases text not null check (json_valid(aliases)),
      source text not null check (source in ('specification', 'catalogue')),
      is_active integer not null default 1 check (is_active in (0, 1)),
      created_at integer not null,
      updated_at integer not null
    ) strict`,
  ],
};
