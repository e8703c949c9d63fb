import {
  type CheckCall,
  type CheckFinding,
  defineHealthCheck,
  PLUGIN_API_VERSION,
  type PluginContext,
  secretOption,
} from '@qts-ops/core/plugin';
import * as z from 'zod';
import { allowedText, gravest, judge } from '../look/limits.ts';
import { look, type Verdict } from '../look/look.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { loadOptional } from '../look/optional-package.ts';
import { rounded } from '../look/shown-numbers.ts';
import { codeOf, networkVerdict, reasonOf } from '../look/trouble.ts';
import { askPostgres, type PostgresFacts } from './postgres-look.ts';

const percent = z.number().min(0).max(100);

const options = z
  .strictObject({
    /** `postgres://user:password@host:port/database`, from the environment or a file. */
    url: secretOption,
    /** One statement; it runs in a session that can only read. */
    query: z.string().min(1).max(10_000).default('SELECT 1'),
    /** Fails when the first value of the first row is above this. */
    failAbove: z.number().optional(),
    /** Warns when it is above this. */
    warnAbove: z.number().optional(),
    /** Fails when it is below this. */
    failBelow: z.number().optional(),
    /** Warns when it is below this. */
    warnBelow: z.number().optional(),
    /** Fails when the slowest replica, or this one, is further behind. */
    failAboveLagSeconds: z.number().min(0).optional(),
    /** Warns when the slowest replica, or this one, is further behind. */
    warnAboveLagSeconds: z.number().min(0).optional(),
    /** Fails when fewer replicas are connected. */
    failBelowReplicas: z.int().min(1).optional(),
    /** Fails when more of the transaction numbers is used up without freezing. */
    failAboveAgePercent: percent.optional(),
    /** Fails when more of the allowed connections are in use. */
    failAboveConnectionsPercent: percent.optional(),
    /** Warns when connecting and asking took longer. */
    warnAboveMs: z.number().positive().optional(),
    /** Fails when connecting and asking took longer. */
    failAboveMs: z.number().positive().optional(),
    /** How long all of it may take, ms. */
    answerWithinMs: z.int().min(10).max(300_000).default(8_000),
  })
  .refine(...warnsFirst('warnAbove', 'failAbove'))
  .refine(...warnsFirst('warnBelow', 'failBelow'))
  .refine(...warnsFirst('warnAboveLagSeconds', 'failAboveLagSeconds'))
  .refine(...warnsFirst('warnAboveMs', 'failAboveMs'));

/** Options of `postgres`. */
export type PostgresOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/**
 * A PostgreSQL server takes connections and answers; optionally the value of a query, replication, unfrozen
 * transactions and connections are bounded. Needs the package pg.
 */
export const postgres = defineHealthCheck({
  name: 'postgres',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: true },
  defaults: { intervalMs: 60_000, timeoutMs: 10_000 },
  create: async (given, context) => ({ check: (call) => lookAtPostgres(given, context, call) }),
});

async function lookAtPostgres(given: Given, context: PluginContext, call: CheckCall): Promise<CheckFinding> {
  let url: URL;
  try {
    url = new URL(context.secret(given.url).reveal());
  } catch (error) {
    const reason = error instanceof TypeError ? 'url is no URL' : context.redact(reasonOf(error));
    return { status: 'unknown', message: `postgres: ${reason}` };
  }
  const target = `postgres ${url.hostname}:${url.port === '' ? '5432' : url.port}${url.pathname}`;
  const rules = {
    target,
    answerWithinMs: given.answerWithinMs,
    whenLate: 'fail',
    explain: (error: unknown) => explainPostgres(error, context),
  } as const;
  return look(call, rules, async (signal) => {
    const { Client } = (await loadOptional('pg', () => import('pg'))).default;
    const client = new Client({
      connectionString: url.href,
      connectionTimeoutMillis: given.answerWithinMs,
      statement_timeout: given.answerWithinMs,
      application_name: 'qts-ops-health-checks',
      options: '-c default_transaction_read_only=on',
    });
    // Without a listener a connection that breaks later would end the process.
    client.on('error', () => undefined);
    const cut = () => client.connection.stream.destroy();
    signal.addEventListener('abort', cut, { once: true });
    const startedMs = performance.now();
    try {
      await client.connect();
      const facts = await askPostgres(client, questionsOf(given));
      const elapsedMs = Math.round(performance.now() - startedMs);
      return postgresFinding({ target, facts, elapsedMs }, given);
    } finally {
      await client.end().catch(() => undefined);
    }
  });
}

function questionsOf(given: Given) {
  return {
    query: given.query,
    replication:
      given.failAboveLagSeconds !== undefined ||
      given.warnAboveLagSeconds !== undefined ||
      given.failBelowReplicas !== undefined,
    age: given.failAboveAgePercent !== undefined,
    connections: given.failAboveConnectionsPercent !== undefined,
  };
}

interface Sight {
  readonly target: string;
  readonly facts: PostgresFacts;
  readonly elapsedMs: number;
}

/** One bounded number of a server. */
interface Measure {
  readonly id: string;
  readonly text: (shown: string) => string;
  readonly value: number | undefined;
  readonly unit?: string;
  readonly limits: Parameters<typeof judge>[1];
}

function postgresFinding({ target, facts, elapsedMs }: Sight, given: Given): CheckFinding {
  const { failAbove, warnAbove, failBelow, warnBelow } = given;
  const isBounded = [failAbove, warnAbove, failBelow, warnBelow].some((bound) => bound !== undefined);
  if (isBounded && facts.value === undefined) {
    return { status: 'unknown', message: `${target}: the query gave no number to compare` };
  }
  const isLagBounded = given.failAboveLagSeconds !== undefined || given.warnAboveLagSeconds !== undefined;
  // Connected replicas that are idle tell no lag and have none.
  if (isLagBounded && facts.lagSeconds === undefined && (facts.replicas ?? 0) === 0) {
    const status = given.failBelowReplicas === undefined ? 'unknown' : 'fail';
    return { status, message: `${target}: no replica is connected, so how far it is behind cannot be told` };
  }
  const measures = measuresOf({ target, facts, elapsedMs }, given).filter(({ value }) => value !== undefined);
  const parts = measures.map(({ text, value = 0, limits }) => {
    const allowed = allowedText(limits, rounded);
    return `${text(rounded(value))}${allowed === '' ? '' : ` (${allowed})`}`;
  });
  return {
    status: gravest(measures.map(({ value = 0, limits }) => judge(value, limits))),
    message: `${target}: ${parts.join(', ')}`,
    value: elapsedMs,
    unit: 'ms',
    observations: measures
      .slice(1)
      .map(({ id, value = 0, unit }) => ({ id, value, ...(unit === undefined ? {} : { unit }) })),
  };
}

function measuresOf({ facts, elapsedMs }: Sight, given: Given): readonly Measure[] {
  const { failAbove, warnAbove, failBelow, warnBelow } = given;
  return [
    {
      id: 'elapsed',
      text: (shown) => `answers in ${shown} ms`,
      value: elapsedMs,
      limits: { warnAbove: given.warnAboveMs, failAbove: given.failAboveMs },
    },
    {
      id: 'query',
      text: (shown) => `query ${shown}`,
      value: facts.value,
      limits: { failAbove, warnAbove, failBelow, warnBelow },
    },
    {
      id: 'lag',
      text: (shown) => `${shown} s behind`,
      value: facts.lagSeconds,
      unit: 's',
      limits: { warnAbove: given.warnAboveLagSeconds, failAbove: given.failAboveLagSeconds },
    },
    {
      id: 'replicas',
      text: (shown) => `${shown} replicas`,
      value: facts.replicas,
      limits: { failBelow: given.failBelowReplicas },
    },
    {
      id: 'age',
      text: (shown) => `${shown} % of the transaction numbers unfrozen`,
      value: facts.agePercent,
      unit: '%',
      limits: { failAbove: given.failAboveAgePercent },
    },
    {
      id: 'connections',
      text: (shown) => `${shown} % of the connections in use`,
      value: facts.connectionsPercent,
      unit: '%',
      limits: { failAbove: given.failAboveConnectionsPercent },
    },
  ];
}

/** Codes of PostgreSQL that say that the server itself is not well. */
const SERVER_FAULTS: Readonly<Record<string, string>> = {
  '57P03': 'the server is starting or stopping',
  '57P01': 'the server is being stopped',
  '53300': 'too many connections',
  '53100': 'the disk of the server is full',
  '53200': 'the server is out of memory',
  '57014': 'the query took too long',
  '3D000': 'there is no such database',
};

function explainPostgres(error: unknown, context: PluginContext): Verdict {
  const code = codeOf(error) ?? '';
  const words = SERVER_FAULTS[code];
  if (words !== undefined) return { status: 'fail', reason: `${words} (${code})` };
  if (code.startsWith('28')) {
    return { status: 'unknown', reason: `our user or password is not accepted (${code})` };
  }
  if (/^(?:XX|58)\w{3}$/.test(code)) return { status: 'fail', reason: `the server failed (${code})` };
  // The client says this without a code.
  const isCut = error instanceof Error && error.message.startsWith('Connection terminated');
  if (isCut) return { status: 'fail', reason: 'the connection was closed' };
  const { status, reason } = networkVerdict(error);
  return { status, reason: context.redact(reason) };
}
