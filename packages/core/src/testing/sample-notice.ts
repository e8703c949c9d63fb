import type { AlertNotice } from '../ports/alert-channel.ts';

/** A notice like those the engine makes, for tests of channels and texts; `changes` replaces parts of it. */
export function sampleNotice(changes: Partial<AlertNotice> = {}): AlertNotice {
  return {
    id: '01938f2e-7c40-7000-8000-000000000001',
    reason: 'first',
    level: 'CRITICAL',
    state: 'firing',
    episodeId: '01938f2e-7c40-7000-8000-00000000000a',
    dedupKey: 'check:broker_heartbeat',
    alertType: 'HEALTH_CHECK',
    title: 'broker_heartbeat: no answer',
    summary: 'The broker has not answered for 30 s.',
    fields: [
      { label: 'check', value: 'broker_heartbeat' },
      { label: 'value', value: '30 s' },
    ],
    links: [],
    remedy: ['Look whether the broker runs.', 'Restart its gateway.'],
    startedAtMs: Date.UTC(2026, 10, 20, 4, 55, 4),
    atMs: Date.UTC(2026, 10, 20, 4, 55, 4),
    count: 1,
    maybeRepeat: false,
    instance: 'desk-1',
    environment: 'paper',
    timeZone: 'Asia/Seoul',
    language: 'en',
    ...changes,
  };
}
