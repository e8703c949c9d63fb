import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { ManualAction } from '../../kernel/actor.ts';
import type { Change } from '../../kernel/change.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { ManualActs } from '../../ports/manual-acts.ts';
import {
  type AcknowledgeOptions,
  type ActBy,
  decideAcknowledge,
  decideClose,
  decideExpireSilence,
  decideSilence,
  decideUnacknowledge,
  type SilenceRequest,
} from './act-rules.ts';
import type { Alert, Silence } from './alert.ts';
import type { AlertDesk } from './alert-desk.ts';
import type { AlertDraft } from './alert-draft.ts';
import type { AlertRules } from './announce-rules.ts';
import type { TestAsked, TestOutcome } from './test-notices.ts';

/** Where acts find what they are about. */
export interface ActsHost {
  readonly find: (id: string) => Promise<Alert | undefined>;
  /** Default: a repeated request for a silence is refused as unknown. */
  readonly findSilence?: (id: string) => Promise<Silence | undefined>;
}

interface AlertActsOptions<C extends Change> extends ActsHost {
  readonly acts: ManualActs;
  readonly desk: AlertDesk<C>;
  readonly rules: AlertRules;
  readonly channelIds: () => readonly string[];
  /** Sends a test notice in the commit that audits it, and waits for what becomes of it. */
  readonly test: (asked: TestAsked, audit: AuditChange) => Promise<TestOutcome>;
}

/** How the audit log names what is done with an alert. */
const AUDIT_TYPES = {
  acknowledge: 'ALERT_ACKNOWLEDGE',
  unacknowledge: 'ALERT_UNACKNOWLEDGE',
  close: 'ALERT_CLOSE',
} as const;

/** What operators may do with alerts; each act is audited in the commit that does it. */
export class AlertActs<C extends Change> {
  readonly #options: AlertActsOptions<C>;

  constructor(options: AlertActsOptions<C>) {
    this.#options = options;
  }

  /** Takes an alert. @throws INP-0920, BAT-0601, INP-0922, INP-0302, INP-0303, INP-0309, BAT-0106. */
  acknowledge(alertId: string, by: ManualAction, options: AcknowledgeOptions = {}): Promise<Alert> {
    const { expiresInMs, sticky } = options;
    const body = {
      alertId,
      ...(expiresInMs === undefined ? {} : { expiresInMs }),
      ...(sticky === undefined ? {} : { sticky }),
    };
    return this.#act({ name: 'acknowledge', alertId, by, body }, (draft, alert) =>
      decideAcknowledge(draft, alert, { ...options, by: byOf(by) }),
    );
  }

  /** Gives an alert back. @throws INP-0920, BAT-0602 and those of every act. */
  unacknowledge(alertId: string, by: ManualAction): Promise<Alert> {
    return this.#act({ name: 'unacknowledge', alertId, by, body: { alertId } }, decideUnacknowledge);
  }

  /** Declares an alert finished. @throws INP-0920, BAT-0603 and those of every act. */
  close(alertId: string, by: ManualAction): Promise<Alert> {
    return this.#act({ name: 'close', alertId, by, body: { alertId } }, (draft, alert) =>
      decideClose(draft, alert, { by: byOf(by), rules: this.#options.rules }),
    );
  }

  /** Keeps alerts untold for a while. @throws INP-0921 and those of every act. */
  async silence(request: SilenceRequest, by: ManualAction): Promise<Silence> {
    const { acts, desk, rules } = this.#options;
    const matchers = request.matchers.map(({ label, value, not = false }) => ({ label, value, not }));
    const { endsAtMs = null, forMs = null, startsAtMs = null } = request;
    const draftOfAct = {
      by,
      permission: 'RUN',
      name: 'silence',
      body: { matchers, endsAtMs, forMs, startsAtMs },
    } as const;
    const repeated = await acts.admit(draftOfAct);
    if (repeated !== undefined) return this.#silence(repeated.targetId);
    const id = rules.newId();
    const made = { by: byOf(by), id };
    const record = {
      auditType: 'ALERT_SILENCE',
      targetType: 'ALERT',
      targetId: id,
      action: 'CREATE',
    } as const;
    const audit = acts.record(draftOfAct, { ...record, after: draftOfAct.body });
    const { value } = await desk.decide((draft) => {
      draft.also(audit);
      return decideSilence(draft, { ...request, matchers }, made);
    });
    return value;
  }

  /** Ends a silence before its time. @throws INP-0923 and those of every act. */
  async expireSilence(silenceId: string, by: ManualAction): Promise<Silence> {
    const { acts, desk } = this.#options;
    const draftOfAct = { by, permission: 'RUN', name: 'expire-silence', body: { silenceId } } as const;
    if ((await acts.admit(draftOfAct)) !== undefined) return this.#silence(silenceId);
    const record = { auditType: 'ALERT_SILENCE_END', targetType: 'ALERT', targetId: silenceId } as const;
    const audit = acts.record(draftOfAct, { ...record, action: 'UPDATE', after: { expired: true } });
    const { value } = await desk.decide((draft) => {
      draft.also(audit);
      return decideExpireSilence(draft, silenceId, byOf(by));
    });
    return value;
  }

  /**
   * Sends a test notice through one channel, by the same outbox as every other, and waits for what becomes of it.
   * @throws INP-0925 for a channel the config does not name, and those of every act.
   */
  async test(channelId: string, level: AlertLevel, by: ManualAction): Promise<TestOutcome> {
    const { acts, rules, channelIds, test } = this.#options;
    const known = channelIds();
    if (!known.includes(channelId)) {
      throw opsException('INP-0925', `channel: ${channelId.slice(0, 60)}; allowed: ${known.join(', ')}`);
    }
    const body = { channelId, level };
    const draftOfAct = { by, permission: 'RUN', name: 'test-channel', body } as const;
    const repeated = await acts.admit(draftOfAct);
    if (repeated !== undefined) return this.#repeatedTest(repeated.targetId, channelId);
    const id = rules.newId();
    const record = { auditType: 'ALERT_TEST', targetType: 'ALERT', targetId: id, action: 'CREATE' } as const;
    const audit = acts.record(draftOfAct, { ...record, after: body });
    return test({ id, channelId, level, by: by.actor.operatorId }, audit);
  }

  /** What is known without waiting once more; the notice itself is in the list of its alert. */
  async #repeatedTest(alertId: string, channelId: string): Promise<TestOutcome> {
    const alert = await this.#options.find(alertId);
    return { alertId, rowId: alert?.notified[channelId] ?? '', status: 'pending', attempts: 0 };
  }

  async #silence(silenceId: string): Promise<Silence> {
    const found = await this.#options.findSilence?.(silenceId);
    if (found !== undefined) return found;
    throw opsException('INP-0923', `silence: ${silenceId}; allowed: the id of a recorded silence`);
  }

  async #act(
    act: {
      readonly name: keyof typeof AUDIT_TYPES;
      readonly alertId: string;
      readonly by: ManualAction;
      readonly body: JsonObject;
    },
    decide: (draft: AlertDraft, alert: Alert) => Alert,
  ): Promise<Alert> {
    const { acts, desk } = this.#options;
    const draftOfAct = { by: act.by, permission: 'RUN', name: act.name, body: act.body } as const;
    const repeated = await acts.admit(draftOfAct);
    const stored = await this.#options.find(act.alertId);
    if (stored === undefined) {
      throw opsException('INP-0920', `alert: ${act.alertId}; allowed: the id of a recorded alert`);
    }
    if (repeated !== undefined) return stored;
    const { value } = await desk.decide((draft) => {
      draft.know(stored);
      const alert = draft.findAlert(act.alertId) ?? stored;
      const decided = decide(draft, alert);
      const record = {
        auditType: AUDIT_TYPES[act.name],
        targetType: 'ALERT',
        targetId: act.alertId,
        action: 'UPDATE',
        before: { state: alert.state },
        after: { act: act.name, state: decided.state },
      } as const;
      draft.also(acts.record(draftOfAct, record));
      return decided;
    });
    return value;
  }
}

function byOf(by: ManualAction): ActBy {
  return { operatorId: by.actor.operatorId, reason: by.reason };
}
