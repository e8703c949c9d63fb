import { Resolver } from 'node:dns/promises';
import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { judge } from '../look/limits.ts';
import { look, type Verdict } from '../look/look.ts';
import { warnsFirst } from '../look/option-rules.ts';
import { shortLine } from '../look/short-line.ts';
import { codeOf, reasonOf } from '../look/trouble.ts';

const options = z
  .strictObject({
    /** The name to ask for. */
    name: z.string().min(1).max(253),
    type: z.enum(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT']).default('A'),
    /** The name server to ask, `address` or `address:port`; those of the system when absent. */
    server: z.string().min(1).optional(),
    /** Each of these must be among the answers. */
    expect: z.array(z.string().min(1)).max(50).default([]),
    /** Warns when the answer took longer. */
    warnAboveMs: z.number().positive().optional(),
    /** Fails when the answer took longer. */
    failAboveMs: z.number().positive().optional(),
    /** How long the name server may take, ms. */
    answerWithinMs: z.int().min(10).max(60_000).default(5_000),
  })
  .refine(...warnsFirst('warnAboveMs', 'failAboveMs'));

/** Options of `dns`. */
export type DnsOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** A name is known to the name server and has the records it should have. */
export const dns = defineHealthCheck({
  name: 'dns',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: true },
  defaults: { intervalMs: 300_000, timeoutMs: 10_000 },
  create: async (given) => {
    const target = `${given.name} ${given.type}`;
    return {
      check: (call) =>
        look(
          call,
          {
            target,
            answerWithinMs: given.answerWithinMs,
            // A name server that was named is what is looked at; one of the system is only our way to the answer.
            whenLate: given.server === undefined ? 'unknown' : 'fail',
            explain: (error) => explainDns(error, given),
          },
          (signal) => lookAtDns(given, target, signal),
        ),
    };
  },
});

async function lookAtDns(given: Given, target: string, signal: AbortSignal): Promise<CheckFinding> {
  // More patience than the look has: the look's own deadline ends the question.
  const resolver = new Resolver({ timeout: given.answerWithinMs * 2, tries: 1 });
  if (given.server !== undefined) resolver.setServers([given.server]);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const startedMs = performance.now();
  const records = await recordsOf(resolver, given);
  const elapsedMs = Math.round(performance.now() - startedMs);
  const shown = shortLine(records.slice(0, 5).join(', '), 120);
  const missing = given.expect.filter((wanted) => !records.includes(wanted));
  const measured = { value: elapsedMs, unit: 'ms' };
  if (missing.length > 0) {
    const message = `${target}: ${shown}; expected ${missing.join(', ')} among them`;
    return { status: 'fail', message, ...measured };
  }
  const { warnAboveMs: warnAbove, failAboveMs: failAbove } = given;
  const bound = failAbove ?? warnAbove;
  const allowed = bound === undefined ? '' : `, allowed up to ${bound} ms`;
  return {
    status: judge(elapsedMs, { warnAbove, failAbove }),
    message: `${target}: ${shown} in ${elapsedMs} ms${allowed}`,
    ...measured,
  };
}

async function recordsOf(resolver: Resolver, { name, type }: Given): Promise<readonly string[]> {
  switch (type) {
    case 'A':
      return resolver.resolve4(name);
    case 'AAAA':
      return resolver.resolve6(name);
    case 'CNAME':
      return resolver.resolveCname(name);
    case 'MX':
      return (await resolver.resolveMx(name)).map(({ exchange }) => exchange);
    case 'NS':
      return resolver.resolveNs(name);
    case 'TXT':
      return (await resolver.resolveTxt(name)).map((pieces) => pieces.join(''));
  }
}

const SAID: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name',
  ENODATA: 'the name has no such record',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refused to answer',
  EFORMERR: 'the name server did not understand',
  ENOTIMP: 'the name server cannot answer this',
  EBADRESP: 'the name server answered nonsense',
};

/** Answers that are about the one who asks or is asked, not about the name. */
const ABOUT_SERVER = ['EREFUSED', 'EFORMERR', 'ENOTIMP', 'EBADRESP'];

/** What an answer of the name server means; of one that was not named, only what it says about the name counts. */
export function explainDns(error: unknown, { server }: Pick<Given, 'server'>): Verdict {
  const code = codeOf(error) ?? '';
  const said = SAID[code];
  if (said !== undefined) {
    const status = server === undefined && ABOUT_SERVER.includes(code) ? 'unknown' : 'fail';
    return { status, reason: `${said} (${code})` };
  }
  const isSilent = ['ECONNREFUSED', 'ETIMEOUT', 'ETIMEDOUT'].includes(code);
  if (!isSilent) return { status: 'unknown', reason: reasonOf(error) };
  const who = server === undefined ? 'the name servers of this machine do' : `the name server ${server} does`;
  return { status: server === undefined ? 'unknown' : 'fail', reason: `${who} not answer (${code})` };
}
