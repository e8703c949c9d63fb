import type { ActRequest, ActResult, Page } from '../../client/ops-client.ts';
import type { AcknowledgeRequest, PingRequest, SilenceAsk, WatchClient } from '../../client/watch-client.ts';
import type {
  AlertDetail,
  AlertView,
  ChannelTestView,
  ChannelView,
  HealthView,
  SilenceView,
} from '../../client/watch-views.ts';
import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { AlertQuery, UnacknowledgedCounts } from '../../watch/alerts/alert-store.ts';
import { exchange } from './http-exchange.ts';
import { readAnswer } from './problem-reader.ts';
import { instant, SocketAsking } from './socket-asking.ts';

/** A test notice and looks of checks may take this much longer than other answers, ms. */
const WORK_MS = 45_000;

/** What an operator can ask about alerts, channels and checks, over the engine's socket. */
export abstract class SocketWatch extends SocketAsking implements WatchClient {
  alerts(query: AlertQuery): Promise<Page<AlertView>> {
    return this.get('/admin/alerts', {
      type: query.alertType,
      level: query.level,
      state: query.state,
      open: word(query.open),
      acknowledged: word(query.acknowledged),
      dedup_key: query.dedupKey,
      execution_id: query.executionId,
      start_date: instant(query.fromMs),
      end_date: instant(query.toMs),
      limit: query.limit,
      offset: query.offset,
    });
  }

  alert(id: string): Promise<AlertDetail> {
    return this.get(`/admin/alerts/${encodeURIComponent(id)}`);
  }

  unacknowledged(): Promise<UnacknowledgedCounts> {
    return this.get('/admin/alerts/unacknowledged');
  }

  acknowledge(alertId: string, request: AcknowledgeRequest): Promise<ActResult> {
    const { reason, forMs, sticky } = request;
    return this.act(`/admin/alerts/${encodeURIComponent(alertId)}/acknowledge`, request, {
      reason,
      ...(forMs === undefined ? {} : { for_ms: forMs }),
      ...(sticky === undefined ? {} : { sticky }),
    });
  }

  unacknowledge(alertId: string, request: ActRequest): Promise<ActResult> {
    const path = `/admin/alerts/${encodeURIComponent(alertId)}/unacknowledge`;
    return this.act(path, request, { reason: request.reason });
  }

  closeAlert(alertId: string, request: ActRequest): Promise<ActResult> {
    const path = `/admin/alerts/${encodeURIComponent(alertId)}/close`;
    return this.act(path, request, { reason: request.reason });
  }

  async silences(): Promise<readonly SilenceView[]> {
    return (await this.get<Page<SilenceView>>('/admin/silences')).items;
  }

  silence(request: SilenceAsk): Promise<ActResult> {
    const { reason, matchers, forMs } = request;
    return this.act('/admin/silences', request, { reason, matchers: [...matchers], for_ms: forMs });
  }

  expireSilence(silenceId: string, request: ActRequest): Promise<ActResult> {
    const path = `/admin/silences/${encodeURIComponent(silenceId)}/expire`;
    return this.act(path, request, { reason: request.reason });
  }

  async channels(): Promise<readonly ChannelView[]> {
    return (await this.get<Page<ChannelView>>('/admin/channels')).items;
  }

  testChannel(channelId: string, level: AlertLevel): Promise<ChannelTestView> {
    return this.post(`/admin/channels/${encodeURIComponent(channelId)}/test`, { level }, WORK_MS);
  }

  health(): Promise<HealthView> {
    return this.get('/admin/health');
  }

  runChecks(ids: readonly string[]): Promise<HealthView> {
    return this.post('/admin/checks/run', { ids: [...ids] }, WORK_MS);
  }

  async ping(key: string, { kind, exitCode, body, runId }: PingRequest): Promise<void> {
    const told = kind === 'fail' && exitCode === 0 ? undefined : exitCode;
    const end = told === undefined ? (kind === 'success' ? '' : `/${kind}`) : `/${told}`;
    const query = runId === undefined ? '' : `?rid=${encodeURIComponent(runId)}`;
    const path = `/pings/${encodeURIComponent(key)}${end}${query}`;
    const plain = this.question('POST', path, this.closed.signal);
    const headers = { ...plain.headers, 'content-type': 'text/plain; charset=utf-8' };
    readAnswer(await exchange({ ...plain, headers, body: body ?? '' }));
  }
}

function word(flag: boolean | undefined): string | undefined {
  return flag === undefined ? undefined : String(flag);
}
