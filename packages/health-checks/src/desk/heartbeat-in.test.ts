import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callOf, lookOnce, makeCheck, problemsOf } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { heartbeatIn, type Ping, type PingStore } from './heartbeat-in.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;
const pingsOf = (ping: Ping | undefined): PingStore => ({ lastPing: () => ping });
const periodic = (ping: Ping | undefined) =>
  heartbeatIn({ pings: pingsOf(ping), key: 'nightly', periodMs: 10 * MINUTE, graceMs: 5 * MINUTE });

it('passes while pings come within period and grace, and fails after', async () => {
  const at = (ageMinutes: number) =>
    lookOnce(periodic({ atMs: NOW - ageMinutes * MINUTE, outcome: 'success' }), { nowMs: NOW });
  expect(await at(3)).toEqual({
    status: 'pass',
    message: 'nightly: last ping 3 min ago; expected every 10 min, allowed 5 min late',
    value: 180,
    unit: 's',
  });
  expect((await at(14)).status).toBe('pass');
  expect((await at(16)).status).toBe('fail');
});

it('fails at once when the job says that it failed', async () => {
  const ping = { atMs: NOW - MINUTE, outcome: 'fail', exitCode: 3 } as const;
  expect(await lookOnce(periodic(ping), { nowMs: NOW })).toMatchObject({
    status: 'fail',
    message: 'nightly: said 60 s ago that it failed with exit code 3',
  });
});

it('fails when a run that began has not ended in time', async () => {
  const began = (minutes: number): Ping => ({
    atMs: NOW - 9 * MINUTE,
    outcome: 'success',
    startedAtMs: NOW - minutes * MINUTE,
  });
  expect((await lookOnce(periodic(began(4)), { nowMs: NOW })).status).toBe('pass');
  expect(await lookOnce(periodic(began(6)), { nowMs: NOW })).toMatchObject({
    status: 'fail',
    message: 'nightly: began 6 min ago and has not ended, allowed 5 min',
  });
});

it('waits for the first ping as long as it may take, and fails then', async () => {
  const check = await makeCheck(periodic(undefined), { nowMs: NOW });
  const at = async (minutes: number) => (await check.check(callOf({ nowMs: NOW + minutes * MINUTE }))).status;
  expect(await at(1)).toBe('unknown');
  expect(await at(14)).toBe('unknown');
  expect(await at(16)).toBe('fail');
});

it('expects a ping after each slot of a cron expression', async () => {
  const look = (pingAt: string, now: string) => {
    const pings = pingsOf({ atMs: Date.parse(pingAt), outcome: 'success' });
    const plugin = heartbeatIn({
      pings,
      key: 'k',
      cron: '0 17 * * 1-5',
      timeZone: 'Asia/Seoul',
      graceMs: 10 * MINUTE,
    });
    return lookOnce(plugin, { nowMs: Date.parse(now) });
  };
  expect((await look('2026-11-19T08:02:00Z', '2026-11-20T08:05:00Z')).status).toBe('pass');
  expect(await look('2026-11-19T08:02:00Z', '2026-11-20T08:11:00Z')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('expected at 0 17 * * 1-5 Asia/Seoul, allowed 10 min late'),
  });
  expect((await look('2026-11-20T08:03:00Z', '2026-11-22T20:00:00Z')).status).toBe('pass');
});

it('takes the touching of a file as a ping', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'last-run');
  const check = await makeCheck(heartbeatIn({ file, periodMs: MINUTE, graceMs: 0 }), { nowMs: NOW });
  const look = async (nowMs: number) => (await check.check(callOf({ nowMs }))).status;
  expect(await look(NOW)).toBe('unknown');
  writeFileSync(file, '');
  utimesSync(file, NOW / 1_000, NOW / 1_000);
  expect(await look(NOW + 30_000)).toBe('pass');
  expect(await look(NOW + 61_000)).toBe('fail');
});

it('says unknown when the store cannot be asked or does not answer', async () => {
  const breaks: PingStore = { lastPing: () => Promise.reject(new Error('the store is locked')) };
  const asks = { key: 'k', periodMs: MINUTE };
  expect(await lookOnce(heartbeatIn({ pings: breaks, ...asks }))).toMatchObject({
    status: 'unknown',
    message: 'k: the store is locked',
  });
  const hangs: PingStore = { lastPing: () => Promise.withResolvers<undefined>().promise };
  const silent = await lookOnce(heartbeatIn({ pings: hangs, ...asks, answerWithinMs: 50 }));
  expect(silent).toMatchObject({ status: 'unknown', message: 'k: no answer within 50 ms' });
});

it('names every wrong option at once', () => {
  const said = problemsOf(() =>
    heartbeatIn({ file: 'a', key: 'k', cron: 'daily', periodMs: 1, timeZone: 'Mars', graceMs: -1 }),
  );
  for (const name of ['cron', 'timeZone', 'graceMs', 'exactly one of periodMs, cron']) {
    expect(said).toContain(name);
  }
});

it('reads the pings that the engine was sent where no others are given', async () => {
  const plugin = heartbeatIn({ key: 'nightly', periodMs: 10 * MINUTE });
  const ping = { atMs: NOW - MINUTE, outcome: 'success' } as const;
  const asked: string[] = [];
  const lastPing = (key: string) => {
    asked.push(key);
    return ping;
  };
  expect(await lookOnce(plugin, { nowMs: NOW }, { nowMs: NOW, lastPing })).toMatchObject({ status: 'pass' });
  expect(asked).toEqual(['nightly']);
  await expect(makeCheck(plugin)).rejects.toThrow('there is no engine that keeps pings');
});

it('does not blame a job for pings that nobody could hear', async () => {
  const began = NOW + 30 * MINUTE;
  const ping = { atMs: NOW, outcome: 'success' } as const;
  const periodicCheck = heartbeatIn({ key: 'k', periodMs: 10 * MINUTE, graceMs: 5 * MINUTE });
  const check = await makeCheck(periodicCheck, { nowMs: began, lastPing: () => ping });
  const at = (minutes: number) => check.check(callOf({ nowMs: NOW + minutes * MINUTE }));
  expect(await at(31)).toMatchObject({
    status: 'unknown',
    message: 'k: last ping 31 min ago; expected every 10 min, allowed 5 min late; listening for 60 s only',
  });
  expect((await at(44)).status).toBe('unknown');
  expect((await at(46)).status).toBe('fail');
  const nightly = heartbeatIn({ key: 'k', cron: '0 10 * * *', timeZone: 'UTC', graceMs: 10 * MINUTE });
  const slot = Date.parse('2026-11-20T10:00:00Z');
  const old = () => ({ atMs: slot - 86_000_000, outcome: 'success' as const });
  const late = await makeCheck(nightly, { nowMs: slot + 5 * MINUTE, lastPing: old });
  expect((await late.check(callOf({ nowMs: slot + 11 * MINUTE }))).status).toBe('unknown');
  const early = await makeCheck(nightly, { nowMs: slot - 5 * MINUTE, lastPing: old });
  expect((await early.check(callOf({ nowMs: slot + 11 * MINUTE }))).status).toBe('fail');
});

it('does not take a ping from before the clock was set back for a new one', async () => {
  const ping = { atMs: NOW + 3 * 86_400_000, outcome: 'success' } as const;
  expect(await lookOnce(periodic(ping), { nowMs: NOW })).toMatchObject({
    status: 'unknown',
    message: expect.stringContaining('in the future; a clock was set'),
  });
});

describe('after this machine slept', () => {
  const gap = { reason: 'suspended', fromMs: NOW + 9 * MINUTE, toMs: NOW + 500 * MINUTE } as const;
  const well = { status: 'pass', message: '' } as const;
  const later = (minutes: number) => ({ gap, nowMs: gap.toMs + minutes * MINUTE });
  const ping = { atMs: NOW, outcome: 'success' } as const;
  const heard = (last: Ping) =>
    makeCheck(heartbeatIn({ key: 'k', periodMs: 10 * MINUTE, graceMs: 5 * MINUTE }), {
      nowMs: NOW,
      lastPing: () => last,
    });

  it('a job has its whole time once more, and fails after it', async () => {
    const check = await heard(ping);
    expect(await check.check(callOf({ ...later(1), previous: well }))).toMatchObject({
      status: 'pass',
      message: expect.stringContaining('; this machine slept until 60 s ago'),
    });
    expect((await check.check(callOf({ ...later(14), previous: well }))).status).toBe('pass');
    expect((await check.check(callOf({ ...later(16), previous: well }))).status).toBe('fail');
    const stalled = { ...later(1), gap: { ...gap, reason: 'stalled' } as const };
    expect((await check.check(callOf({ ...stalled, previous: well }))).status).toBe('fail');
  });

  it('a job that failed before is not well again, and one that was not seen is not well yet', async () => {
    const check = await heard(ping);
    const previous = { status: 'fail', message: '' } as const;
    expect((await check.check(callOf({ ...later(1), previous }))).status).toBe('fail');
    expect((await check.check(callOf(later(1)))).status).toBe('unknown');
  });

  it('a run that was to end meanwhile is waited for anew', async () => {
    const check = await heard({ ...ping, startedAtMs: NOW + 8 * MINUTE });
    expect((await check.check(callOf({ ...later(4), previous: well }))).status).toBe('unknown');
    expect((await check.check(callOf({ ...later(6), previous: well }))).status).toBe('fail');
  });
});

it('does not blame a run whose end came while nobody could hear it', async () => {
  const ping = { atMs: NOW - 60 * MINUTE, outcome: 'success', startedAtMs: NOW } as const;
  const plugin = heartbeatIn({ key: 'k', periodMs: 600 * MINUTE, graceMs: 5 * MINUTE });
  const check = await makeCheck(plugin, { nowMs: NOW + 2 * MINUTE, lastPing: () => ping });
  expect(await check.check(callOf({ nowMs: NOW + 10 * MINUTE }))).toMatchObject({
    status: 'unknown',
    message: 'k: began 10 min ago and has not ended, allowed 5 min; listening for 8 min only',
  });
});

describe('while our own connection is down', () => {
  const outage = { upUntilMs: NOW + 9 * MINUTE, fromMs: NOW + 10 * MINUTE } as const;
  const toMs = NOW + 60 * MINUTE;
  const ping = { atMs: NOW + 8 * MINUTE, outcome: 'success' } as const;
  const open = (options: { ping?: Ping; overNetwork?: boolean } = {}) =>
    makeCheck(heartbeatIn({ key: 'k', periodMs: 10 * MINUTE, graceMs: 5 * MINUTE }), {
      nowMs: NOW - 60 * MINUTE,
      lastPing: () => options.ping ?? ping,
      pingsOverNetwork: () => options.overNetwork ?? true,
    });
  const at = (minutes: number, ended = false) =>
    callOf({ nowMs: NOW + minutes * MINUTE, outage: ended ? { ...outage, toMs } : outage });

  it('a job whose pings come over the network is unknown, and has its whole time once more after it', async () => {
    const check = await open();
    expect((await check.check(at(20))).status).toBe('pass');
    expect(await check.check(at(24))).toMatchObject({
      status: 'unknown',
      message:
        'k: last ping 16 min ago; expected every 10 min, allowed 5 min late; our own connection is down',
    });
    expect(await check.check(at(61, true))).toMatchObject({
      status: 'pass',
      message: expect.stringContaining('; our own connection was down until 60 s ago'),
    });
    expect((await check.check(at(74, true))).status).toBe('pass');
    expect((await check.check(at(76, true))).status).toBe('fail');
  });

  it('a job on this machine, one that gets through all the same, and one that said it failed are judged as ever', async () => {
    expect((await (await open({ overNetwork: false })).check(at(24))).status).toBe('fail');
    let atMs = NOW + 12 * MINUTE;
    const plugin = heartbeatIn({ key: 'k', periodMs: 10 * MINUTE, graceMs: 5 * MINUTE });
    const through = await makeCheck(plugin, {
      nowMs: NOW - 60 * MINUTE,
      lastPing: () => ({ atMs, outcome: 'success' as const }),
      pingsOverNetwork: () => true,
    });
    expect((await through.check(at(20))).status).toBe('pass');
    // One ping may have come in a moment that no reference saw.
    expect((await through.check(at(28))).status).toBe('unknown');
    atMs = NOW + 30 * MINUTE;
    expect((await through.check(at(31))).status).toBe('pass');
    expect((await through.check(at(46))).status).toBe('fail');
    const failed = await open({ ping: { ...ping, outcome: 'fail', exitCode: 2 } });
    expect((await failed.check(at(24))).status).toBe('fail');
  });

  it('what failed before still fails, and what failed before anybody knew of the outage is unknown', async () => {
    const late = { ...ping, atMs: NOW - 7 * MINUTE };
    const before = await open({ ping: late });
    expect((await before.check(callOf({ nowMs: NOW + 8.5 * MINUTE }))).status).toBe('fail');
    expect((await before.check(at(24))).status).toBe('fail');
    expect((await before.check(at(61, true))).status).toBe('fail');
    const meanwhile = await open({ ping: { ...ping, atMs: NOW - 5.5 * MINUTE } });
    expect((await meanwhile.check(callOf({ nowMs: NOW + 9.8 * MINUTE }))).status).toBe('fail');
    expect((await meanwhile.check(at(11))).status).toBe('unknown');
    expect((await meanwhile.check(at(74, true))).status).toBe('pass');
    expect((await meanwhile.check(at(76, true))).status).toBe('fail');
  });

  it('a second outage before the next ping makes nothing green again', async () => {
    const check = await open();
    expect((await check.check(at(61, true))).status).toBe('pass');
    const second = { upUntilMs: toMs + 5 * MINUTE, fromMs: toMs + 6 * MINUTE, toMs: toMs + 12 * MINUTE };
    const later = (minutes: number) => callOf({ nowMs: toMs + minutes * MINUTE, outage: second });
    expect((await check.check(later(13))).status).toBe('unknown');
    expect((await check.check(later(26))).status).toBe('unknown');
    expect((await check.check(later(28))).status).toBe('fail');
  });

  it('outages that come again and again hide no job for ever', async () => {
    const check = await open({ ping: { ...ping, atMs: NOW } });
    const failed = async () => {
      for (let minute = 1; minute < 200; minute++) {
        // Up for four minutes and down for three, again and again.
        const [turn, at] = [Math.floor(minute / 7), minute % 7];
        const downs = at < 4 ? turn - 1 : turn;
        const fromMs = NOW + (downs * 7 + 4) * MINUTE;
        const up = at < 4 ? { toMs: fromMs + 3 * MINUTE } : {};
        const seen = downs < 0 ? {} : { outage: { upUntilMs: fromMs - 1, fromMs, ...up } };
        const { status } = await check.check(callOf({ nowMs: NOW + minute * MINUTE, ...seen }));
        if (status === 'fail') return minute;
      }
      return undefined;
    };
    // Two times fifteen minutes in which it could have been heard: three of seven, as looks see it.
    expect(await failed()).toBe(72);
  });

  it('of a job with slots explain one of them, which is unknown until the next', async () => {
    const plugin = heartbeatIn({ key: 'k', cron: '0 2 * * *', timeZone: 'UTC', graceMs: 10 * MINUTE });
    const slot = Date.parse('2026-11-21T02:00:00Z');
    const day = 1440 * MINUTE;
    const check = await makeCheck(plugin, {
      nowMs: slot - 2 * day,
      lastPing: () => ({ atMs: slot - day + MINUTE, outcome: 'success' as const }),
      pingsOverNetwork: () => true,
    });
    const reboot = (atMs: number) => ({ upUntilMs: atMs - MINUTE, fromMs: atMs, toMs: atMs + 5 * MINUTE });
    const at = async (nowMs: number, downAtMs: number) =>
      (await check.check(callOf({ nowMs, outage: reboot(downAtMs) }))).status;
    expect(await at(slot + 11 * MINUTE, slot - 2 * MINUTE)).toBe('unknown');
    expect(await at(slot + day - MINUTE, slot - 2 * MINUTE)).toBe('unknown');
    expect(await at(slot + day + 11 * MINUTE, slot + day - 2 * MINUTE)).toBe('fail');
  });

  it('a first ping and the end of a run are waited for anew', async () => {
    const running = await open({ ping: { ...ping, startedAtMs: NOW + 9.5 * MINUTE } });
    expect((await running.check(at(20))).status).toBe('unknown');
    expect((await running.check(at(64, true))).status).toBe('unknown');
    expect((await running.check(at(66, true))).status).toBe('fail');
    const plugin = heartbeatIn({ key: 'k', periodMs: 10 * MINUTE, graceMs: 5 * MINUTE });
    const never = await makeCheck(plugin, {
      nowMs: NOW,
      lastPing: () => undefined,
      pingsOverNetwork: () => true,
    });
    expect((await never.check(at(20))).status).toBe('unknown');
    expect((await never.check(at(74, true))).status).toBe('unknown');
    expect((await never.check(at(76, true))).status).toBe('fail');
  });
});
