import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../adapters/logger-json/json-logger.ts';
import type { OpsClient } from '../client/ops-client.ts';
import { keep, onDemand, target } from '../engine/config/define-config.ts';
import { createConfig } from '../engine/config/load-config.ts';
import { createOps } from '../engine/create-ops.ts';
import type { Ops } from '../engine/ops.ts';
import type { OpsDoor } from './describe-ops-client.ts';

const reason = 'because the contract says so';
const slow = { timeout: 240_000 };

/** What every `OpsClient` promises about backups, over a real engine, real folders and real processes. */
export function describeOpsClientKeep(name: string, open: (ops: Ops) => Promise<OpsDoor>): void {
  describe(`${name} keeps the client contract about backups`, () => {
    it('says that nothing is configured', async () => {
      await using door = await openKeep(open, false);
      expect(await door.client.backups()).toEqual({
        configured: false,
        sources: [],
        backups: [],
        notes: [],
        drills: [],
      });
    });

    it('shows where backups go before there is one', async () => {
      await using door = await openKeep(open, true);
      const { folder } = door;
      expect(await door.client.backups()).toEqual({
        configured: true,
        backupRoot: join(folder, 'backups'),
        maxAgeMs: 3_600_000,
        sources: [{ id: 'data', path: join(folder, 'data') }],
        backups: [],
        notes: [],
        drills: [],
      });
    });

    it('shows a backup that was made and verified as soon as its run has ended', slow, async () => {
      await using door = await openKeep(open, true);
      const { client } = door;
      const { executionId = '' } = await client.trigger('backup', { reason });
      await vi.waitFor(
        async () => expect(await client.execution(executionId)).toMatchObject({ status: 'SUCCESS' }),
        { timeout: 90_000, interval: 50 },
      );
      const view = await client.backups();
      expect(view.backups).toMatchObject([
        { source: 'data', state: 'verified', copy: false, codec: 'gzip', files: 2, held: false },
      ]);
      const [made] = view.backups;
      expect(view.sources).toMatchObject([{ id: 'data', verifiedAtMs: made?.verifiedAtMs }]);
      expect(view.atMs).toBeGreaterThanOrEqual(made?.madeAtMs ?? Number.NaN);
    });

    it('writes the audit row of an act that was done outside, once for each request', async () => {
      await using door = await openKeep(open, true);
      const request = { reason, requestId: 'restore-1', subject: '20261120T030000.000Z-0f0f0f0f' };
      const first = await door.client.recordKeepAct('RESTORE', request);
      expect(first).toMatchObject({ repeated: false });
      expect(await door.client.recordKeepAct('RESTORE', request)).toEqual({ ...first, repeated: true });
      const { items } = await door.client.auditLogs({ auditType: 'BACKUP_RESTORE' });
      expect(items).toMatchObject([{ targetId: request.subject, reason, seq: first.auditSeq }]);
      await expect(
        door.client.recordKeepAct('HOLD', { reason: 'short', subject: 'x' }),
      ).rejects.toMatchObject({ code: 'INP-0302' });
    });
  });
}

interface KeepEngine extends AsyncDisposable {
  readonly client: OpsClient;
  readonly folder: string;
}

async function openKeep(open: (ops: Ops) => Promise<OpsDoor>, isConfigured: boolean): Promise<KeepEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'qts-ops-contract-'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'prices.jsonl'), '{"price":1}\n');
  const config = createConfig(
    {
      instance: 'contract',
      targets: [
        isConfigured
          ? target('backup', { on: onDemand(), run: keep('backup') })
          : { id: 'quick', on: 'demand', run: () => undefined },
      ],
      ...(isConfigured ? { backup: { to: './backups', sources: ['./data'], maxAge: '1h' } } : {}),
    },
    { folder },
  );
  const ops = createOps({ config, stateFolder: join(folder, 'state'), logger: silentLogger });
  await ops.start();
  const door = await open(ops);
  return {
    client: door.client,
    folder,
    async [Symbol.asyncDispose]() {
      await ops.abort();
      await door[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
