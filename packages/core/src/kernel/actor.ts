import { defineErrors } from './define-errors.ts';
import { opsException } from './ops-exception.ts';

/** Least number of non-space characters in a reason. Source: audit rules of the specification (C1-T04). */
export const REASON_MIN_CHARACTERS = 10;
/** Most characters of a reason: it is a sentence, not a report. */
export const REASON_MAX_CHARACTERS = 500;

/** What an operator may be allowed to do. */
export type Permission = 'VIEW' | 'RUN' | 'STOP' | 'REPLAY';

/** Who acts, and how that was proven. */
export interface Actor {
  /** Stable name of a person, or `system:<part>` for the engine itself. */
  readonly operatorId: string;
  /** `os-user`: the account that opened the socket; `system`: the engine; `library`: the embedding program. */
  readonly method: 'os-user' | 'system' | 'library';
}

/** A manual act: who, why, and the id under which it can be asked about again. */
export interface ManualAction {
  readonly actor: Actor;
  readonly reason: string;
  readonly requestId: string;
}

/** How a manual act can be refused for who asks or why. */
export const actorErrors = defineErrors({
  'INP-0302': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: { en: 'A reason is needed for this act.', ko: '이 조치에는 사유가 필요합니다.' },
    operator: { en: 'The reason is missing or too short.', ko: '사유가 없거나 너무 짧습니다.' },
    remedy: {
      en: ['Say in at least 10 characters why this is done; it is kept in the audit log.'],
      ko: ['조치 사유를 공백을 제외하고 10자 이상 적으십시오. 감사 로그에 남습니다.'],
    },
    aliases: ['C1-BAT-012', 'C1-BAT-009'],
  },
  'INP-0303': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: { en: 'This act needs a named operator.', ko: '이 조치에는 운영자 이름이 필요합니다.' },
    operator: { en: 'The operator is missing.', ko: '운영자 ID가 없습니다.' },
    remedy: { en: ['Sign in with a personal account.'], ko: ['개인 계정으로 접속하십시오.'] },
    aliases: ['C1-BAT-008', 'C1-BAT-011'],
  },
});

/**
 * Why a reason is not acceptable, or absent when it is. The same rule serves the dialog while typing and the engine.
 * `action` is the name of the act: repeating it is not a reason.
 */
export function reasonProblem(reason: string, action: string): string | undefined {
  const characters = countCharacters(reason.replace(/\s+/gu, ''));
  if (characters < REASON_MIN_CHARACTERS) {
    return `reason: ${characters} of at least ${REASON_MIN_CHARACTERS} characters (spaces do not count)`;
  }
  if (countCharacters(reason) > REASON_MAX_CHARACTERS)
    return `reason: at most ${REASON_MAX_CHARACTERS} characters`;
  if (reason.trim().toLowerCase() === action.trim().toLowerCase()) return 'reason: say why, not what';
  return undefined;
}

/** As people count them: an emoji is one, although it takes two places in the text. */
function countCharacters(text: string): number {
  return Array.from(text).length;
}

/**
 * Checks a manual act before anything is changed.
 * @throws InputDataException INP-0302 (reason) or INP-0303 (operator).
 */
export function requireManualAction(by: ManualAction, action: string): void {
  if (by.actor.operatorId.trim() === '') {
    throw opsException('INP-0303', `operator: empty; allowed: a non-blank name (act: ${action})`);
  }
  const problem = reasonProblem(by.reason, action);
  if (problem !== undefined) throw opsException('INP-0302', problem, { data: { action } });
}
