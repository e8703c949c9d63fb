import path from 'node:path';
import type { JsonObject } from '../../kernel/json.ts';
import { redact } from '../../kernel/secret.ts';
import type { TargetWork } from '../../ports/target.ts';
import { formatAnchor, formatWindow } from '../../run/calendars/session-terms.ts';
import { describeWhen } from '../../run/scheduler/describe-when.ts';
import type { Schedule, SessionFilter } from '../../run/scheduler/schedule.ts';
import type { TargetDefinition } from '../../run/targets/target.ts';
import type { TargetPolicies } from '../../run/targets/target-policies.ts';
import { defaultFailWhen } from './define-config.ts';
import type { BackupSourceConfig, KeepConfig } from './keep-config.ts';
import type { OpsConfig } from './ops-config.ts';
import type { WatchConfig } from './watch-config.ts';

/** A checked config as JSON that may be shown and filed: no secret, and no value of any variable. */
export function describeConfig(config: OpsConfig): JsonObject {
  const description: JsonObject = {
    ...(config.configPath === undefined ? {} : { configPath: config.configPath }),
    instance: config.instance,
    environment: config.environment,
    timeZone: config.timeZone,
    drainMs: config.drainMs,
    historyDays: config.historyDays,
    pools: { ...config.pools },
    ...describeKeep(config.keep),
    ...describeWatch(config.watch),
    warnings: config.warnings.map(({ code, path, text }) => ({ code, path, text: { ...text } })),
    secrets: config.secrets.map(({ source }) =>
      path.isAbsolute(source) ? { file: source } : { env: source },
    ),
    targets: config.targets.map(describeTarget),
  };
  // A config written in code may have copied a secret into a title or an argument.
  return JSON.parse(JSON.stringify(description), (_, value: unknown) => {
    return typeof value === 'string' ? redact(value, config.secrets) : value;
  });
}

function describeKeep({ backup, retention }: KeepConfig): JsonObject {
  const { sources, keep, ...where } = backup ?? {};
  return {
    ...(backup === undefined
      ? {}
      : { backup: { ...where, sources: sources?.map(describeSource) ?? [], keep: { ...keep } } }),
    retention: retention.map((rule) => ({ ...rule })),
  };
}

function describeSource({ include, ...source }: BackupSourceConfig): JsonObject {
  return { ...source, ...(include === undefined ? {} : { include: [...include] }) };
}

/** Options of plugins are left out: they may hold anything. */
function describeWatch({
  channels,
  checks,
  alerts,
  isolation,
  deadMan,
  pings,
  selfChecks,
}: WatchConfig): JsonObject {
  return {
    channels: channels.map(({ id, definition }) => ({ id, kind: definition.name })),
    checks: checks.map(({ id, definition, judged }) => ({ id, kind: definition.name, ...toJson(judged) })),
    alerts: toJson(alerts),
    ...(isolation === undefined ? {} : { isolation: toJson(isolation) }),
    ...(deadMan === undefined ? {} : { deadMan: { everyMs: deadMan.everyMs } }),
    ...(pings === undefined ? {} : { pings: { ...pings, keys: Object.keys(pings.keys) } }),
    ...(selfChecks === undefined ? {} : { selfChecks: toJson(selfChecks) }),
  };
}

/** Plain data as JSON, without what is absent. */
function toJson(data: object): JsonObject {
  return JSON.parse(JSON.stringify(data));
}

function describeTarget(target: TargetDefinition): JsonObject {
  return {
    id: target.id,
    ...(target.title === undefined ? {} : { title: target.title }),
    schedule: describeWhen(target),
    ...(target.schedule === undefined ? {} : { on: describeOn(target.schedule) }),
    run: describeWork(target.work),
    timeoutMs: target.timeoutMs,
    stopGraceMs: target.stopGraceMs,
    graceMs: target.graceMs,
    errors: { ...target.errors },
    policies: describePolicies(target.policies),
    failWhen: target.failWhen === defaultFailWhen ? 'default' : 'custom',
  };
}

function describePolicies({ missed, overlap, retry, dependency, ...shared }: TargetPolicies): JsonObject {
  return {
    missed: { ...missed },
    overlap: { ...overlap },
    retry: { ...retry, categories: [...retry.categories] },
    ...(dependency === undefined ? {} : { dependency: { ...dependency, after: [...dependency.after] } }),
    ...shared,
  };
}

function describeOn(schedule: Schedule): JsonObject {
  if (schedule.kind === 'anchor') {
    const { kind, calendar, anchor } = schedule;
    return { kind, calendar: calendar.id, at: formatAnchor(anchor) };
  }
  const { sessions, ...slots } = schedule;
  const only = sessions === undefined ? {} : { sessions: describeSessions(sessions) };
  if (slots.kind === 'interval') return { ...slots, ...only };
  const { kind, expression, timeZone, dayMatch, dstGap } = slots;
  return { kind, expression, timeZone, ...(dayMatch === undefined ? {} : { dayMatch }), dstGap, ...only };
}

function describeSessions({ calendar, window }: SessionFilter): JsonObject {
  return { calendar: calendar.id, ...(window === undefined ? {} : { window: formatWindow(window) }) };
}

function describeWork(work: TargetWork): JsonObject {
  switch (work.kind) {
    case 'function':
      return { kind: work.kind, name: work.run.name };
    case 'command':
      return {
        kind: work.kind,
        command: work.command,
        args: [...work.args],
        ...(work.cwd === undefined ? {} : { cwd: work.cwd }),
        variables: Object.keys(work.env),
        exitCodes: { ...work.exitCodes },
      };
    case 'isolated':
      return { kind: work.kind, module: work.module, export: work.export };
    case 'keep':
      return {
        kind: work.kind,
        act: work.act,
        full: work.full,
        ...(work.sources === undefined ? {} : { sources: [...work.sources] }),
      };
    case 'http':
      return {
        kind: work.kind,
        method: work.method,
        url: work.shownUrl,
        headers: Object.keys(work.headers),
        bodyBytes: Buffer.byteLength(work.body ?? ''),
        expectStatus: work.expectStatus.map(([first, last]) => [first, last]),
        maxBodyBytes: work.maxBodyBytes,
        ...(work.silenceTimeoutMs === undefined ? {} : { silenceTimeoutMs: work.silenceTimeoutMs }),
        ...(work.socketPath === undefined ? {} : { socketPath: work.socketPath }),
      };
    default:
      return work satisfies never;
  }
}
