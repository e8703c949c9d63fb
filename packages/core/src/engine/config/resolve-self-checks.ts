import { isOpsException } from '../../kernel/ops-exception.ts';
import { type CheckPolicyInput, CheckPolicySchema } from '../../watch/health/check-policy.ts';
import {
  SELF_CHECKS,
  type SelfCheckChoices,
  type SelfCheckId,
  selfPolicy,
} from '../../watch/health/self-checks.ts';
import type { ConfigPlace } from './config-place.ts';
import { nearestWord } from './nearest-word.ts';
import { isRawObject } from './read-fields.ts';

/** What a user changes about the checks by which the engine looks at itself; what cannot be used is reported. */
export function readSelfChecks(value: unknown, place: ConfigPlace): SelfCheckChoices | undefined {
  if (value === undefined) return undefined;
  if (!isRawObject(value)) {
    place.report({
      value,
      message: `${place.show(value)} is not a set of checks`,
      allowed: "names of the engine's own checks, each with what is changed or false",
      remedy: "write for example { 'self-disk': { warn: 90, crit: 97 } }",
    });
    return undefined;
  }
  const choices: Partial<Record<SelfCheckId, CheckPolicyInput | false>> = {};
  for (const [id, choice] of Object.entries(value)) {
    if (choice === undefined) continue;
    if (!isSelfCheck(id)) reportUnknown(id, place.child(id));
    else if (choice === false) choices[id] = false;
    else {
      const policy = readChoice(id, choice, place.child(id));
      if (policy !== undefined) choices[id] = policy;
    }
  }
  return choices;
}

function readChoice(id: SelfCheckId, value: unknown, place: ConfigPlace): CheckPolicyInput | undefined {
  const read = CheckPolicySchema.safeParse(value);
  const problems = read.success
    ? []
    : read.error.issues.map(({ path, message }) => `${path.join('.') || 'value'}: ${message}`);
  try {
    if (read.success) {
      selfPolicy(id, read.data);
      return read.data;
    }
  } catch (error) {
    if (!isOpsException(error)) throw error;
    problems.push(error.message);
  }
  place.report({
    value: undefined,
    message: problems.join('; '),
    allowed: `false, or ${Object.keys(CheckPolicySchema.shape).join(', ')}`,
    remedy: 'durations are whole milliseconds; leave out what is not to be changed',
  });
  return undefined;
}

function reportUnknown(id: string, place: ConfigPlace): void {
  const meant = nearestWord(id, SELF_CHECKS);
  place.report({
    value: id,
    message: `${place.show(id)} is no check of the engine itself`,
    allowed: SELF_CHECKS.map((name) => `'${name}'`).join(', '),
    remedy: meant === undefined ? 'choose one of them' : `did you mean '${meant}'?`,
  });
}

function isSelfCheck(id: string): id is SelfCheckId {
  return SELF_CHECKS.some((one) => one === id);
}
