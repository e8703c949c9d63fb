import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConfig, createOps } from '@qts-ops/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cliInProcess } from './cli-in-process.ts';

const config = `instance: desk
pools: { broker: 1 }
targets:
  - { id: quick, on: { every: 1m }, pool: broker, run: { exec: ['true'] } }
  - { id: slow, on: { every: 10m }, pool: broker, run: { exec: ['true'] } }
`;
const SPAN = ['--from', '2026-03-02T00:00:00Z', '--to', '2026-03-02T00:59:59Z'];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'qts-ops-simulate-'));
  writeFileSync(path.join(folder, 'qts-ops.config.yaml'), config);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function simulate(...args: readonly string[]) {
  return cliInProcess(folder, 'simulate', ...SPAN, ...args);
}

describe('simulate', () => {
  it('finds a pool that is too small before it holds anything up', async () => {
    writeFileSync(path.join(folder, 'durations.json'), '{ "quick": "10s", "slow": "3m" }');
    const { exitCode, out } = await simulate('--durations', 'durations.json', '--json');
    expect(exitCode).toBe(0);
    const summary = JSON.parse(out);
    // Slots of quick that come while its earlier one waits for slow are lost.
    expect(summary).toMatchObject({
      pools: [{ pool: 'broker', limit: 1, peakRunning: 1 }],
      missed: 0,
      targets: [{ targetId: 'quick' }, { targetId: 'slow', succeeded: 6 }],
    });
    expect(summary.overlaps).toBeGreaterThan(0);
    expect(summary.targets[0].succeeded + summary.overlaps).toBe(60);
    expect(summary.pools[0].longestWaitMs).toBeGreaterThanOrEqual(60_000);
  });

  it('says it in a table', async () => {
    const { out } = await simulate('--durations', '0');
    expect(out).toContain('66 runs, 0 skipped slots, 0 by overlap, 0 missed');
    expect(out).toMatch(/^broker +1 +1 /m);
  });

  it('tells runs from waits that ended in vain', async () => {
    const file = path.join(folder, 'qts-ops.config.yaml');
    writeFileSync(file, config.replace('1m }, pool: broker', '1m }, pool: broker, overlap: queue-one'));
    writeFileSync(path.join(folder, 'durations.json'), '{ "quick": "10s", "slow": "3m" }');
    const { out } = await simulate('--durations', 'durations.json');
    const [, runs, neverBegun] = /: (\d+) runs, (\d+) that never began, 0 skipped slots/.exec(out) ?? [];
    expect(Number(neverBegun)).toBeGreaterThan(0);
    expect(Number(runs) + Number(neverBegun)).toBe(66);
    expect(out).toMatch(new RegExp(`^quick +10 s +${Number(runs) - 6} +0 +0 +${neverBegun} `, 'm'));
  });

  it('takes the durations on record, without an engine, and names targets that have none', async () => {
    const stateFolder = path.join(folder, '.qts-ops');
    const ops = createOps({ stateFolder, config: recordedConfig() });
    await ops.start();
    const client = ops.client({ operatorId: 'tester', method: 'library' });
    await client.trigger('quick', { reason: 'a run for the record' });
    await expect.poll(async () => (await client.executions({ status: 'SUCCESS' })).count).toBe(1);
    await ops.drain();
    const { out } = await simulate('--json');
    const [quick, slow] = JSON.parse(out).durations;
    expect(quick).toMatchObject({ targetId: 'quick', from: 'recorded', runs: 1 });
    expect(quick).toEqual({ ...quick, longestMs: quick.durationMs });
    expect(slow).toEqual({ targetId: 'slow', durationMs: 0, from: 'nothing' });
  });

  it('refuses what is no span and no duration', async () => {
    expect(
      (await cliInProcess(folder, 'simulate', '--from', '2026-03-02', '--to', '2026-03-01')).exitCode,
    ).toBe(2);
    writeFileSync(path.join(folder, 'durations.json'), '{ "nobody": 5 }');
    expect((await simulate('--durations', 'durations.json')).err).toContain('nobody is no target');
    expect((await simulate('--durations', 'none.json')).err).toMatch(
      /INP-0301: durations: .*none.json: ENOENT/,
    );
  });
});

function recordedConfig() {
  return createConfig({
    instance: 'desk',
    targets: [{ id: 'quick', on: 'demand', run: { exec: ['true'] } }],
  });
}
