import { basename } from 'node:path';
import {
  type CheckCall,
  type CheckFinding,
  type CheckStatus,
  defineHealthCheck,
  PLUGIN_API_VERSION,
  type PluginContext,
  secretOption,
} from '@qts-ops/core/plugin';
import * as z from 'zod';
import { look } from '../look/look.ts';
import { codeOf, reasonOf } from '../look/trouble.ts';
import { parseNagiosOutput } from './nagios-output.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';

const options = z.strictObject({
  /** The program; without a folder it is looked for in the path. */
  file: z.string().min(1),
  args: z.array(z.string()).max(200).default([]),
  /** The folder it runs in. */
  cwd: z.string().min(1).optional(),
  /** Variables beside PATH, HOME, LANG and TZ; nothing else of this process is passed on. */
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), secretOption).default({}),
  /** How long it may run, ms; then it is killed with everything it started. */
  answerWithinMs: z.int().min(10).max(300_000).default(9_000),
});

/** Options of `exec`. */
export type ExecOptions = z.input<typeof options>;
type Given = z.output<typeof options>;

/** The record of a check keeps no more numbers of one look. */
const OBSERVATIONS_MAX = 32;

/** Exit codes of the Nagios plugin rules. */
const STATUS_OF: readonly CheckStatus[] = ['pass', 'warn', 'fail', 'unknown'];

/** Any Nagios plugin: its exit code is the state, its first line the message, its numbers the observations. */
export const exec = defineHealthCheck({
  name: 'exec',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: true },
  defaults: { intervalMs: 60_000, timeoutMs: 10_000 },
  create: async (given, context) => ({ check: (call) => lookByProgram(given, context, call) }),
});

async function lookByProgram(given: Given, context: PluginContext, call: CheckCall): Promise<CheckFinding> {
  const { file, args, cwd, answerWithinMs } = given;
  const target = basename(file);
  // A program that does not end says nothing about what it should look at.
  const rules = {
    target,
    answerWithinMs,
    whenLate: 'unknown',
    explain: (error: unknown) => ({
      status: 'unknown' as const,
      reason:
        codeOf(error) === 'ENOENT'
          ? 'the program, or its folder, does not exist (ENOENT)'
          : context.redact(reasonOf(error)),
    }),
  } as const;
  return look(call, rules, async (signal) => {
    const env = environmentOf(given, context);
    return programFinding(target, await runProgram({ file, args, cwd, env }, signal), context);
  });
}

/** Little is passed on: what this process holds in its environment is nobody's business. */
function environmentOf({ env }: Given, context: PluginContext): Readonly<Record<string, string>> {
  const passed = ['PATH', 'HOME', 'LANG', 'TZ'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const own = Object.entries(env).map(([name, value]) => [name, context.secret(value).reveal()] as const);
  return Object.fromEntries([...passed, ...own]);
}

function programFinding(target: string, end: ProgramEnd, context: PluginContext): CheckFinding {
  const { firstLine, perfdata } = parseNagiosOutput(context.redact(end.output));
  const status = end.exitCode === undefined ? undefined : STATUS_OF[end.exitCode];
  if (status === undefined) {
    const how =
      end.exitCode === undefined
        ? `was ended by ${end.signal}`
        : `ended with ${end.exitCode}, allowed 0 to 3`;
    return { status: 'unknown', message: `${target}: ${how}${firstLine === '' ? '' : `: ${firstLine}`}` };
  }
  const [first] = perfdata;
  return {
    status,
    message: `${target}: ${firstLine === '' ? 'said nothing' : firstLine}`,
    ...(first === undefined ? {} : { value: first.value, unit: first.unit }),
    observations: perfdata
      .slice(0, OBSERVATIONS_MAX)
      .map(({ label, value, unit }) => ({ id: label, value, unit })),
    ...(perfdata.length === 0
      ? {}
      : { details: { perfdata: perfdata.slice(0, 20).map((item) => ({ ...item })) } }),
  };
}
