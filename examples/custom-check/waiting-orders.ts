import { readdir } from 'node:fs/promises';
import { type CheckFinding, defineHealthCheck } from '@qts-ops/core/plugin';
import * as z from 'zod';

/** Looks how many orders wait in a folder: `waitingOrders({ folder: './orders', failAbove: 100, critical: true })`. */
export const waitingOrders = defineHealthCheck({
  name: 'waiting_orders',
  apiVersion: 1,
  options: z.strictObject({
    folder: z.string().min(1),
    warnAbove: z.int().min(0).default(20),
    failAbove: z.int().min(0).default(100),
  }),
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 60_000, timeoutMs: 5_000 },
  create: ({ folder, warnAbove, failAbove }) => ({
    async check(): Promise<CheckFinding> {
      let count: number;
      try {
        count = (await readdir(folder)).filter((name) => name.endsWith('.json')).length;
      } catch {
        return { status: 'unknown', message: `the folder ${folder} cannot be read` };
      }
      const status = count > failAbove ? 'fail' : count > warnAbove ? 'warn' : 'pass';
      return {
        status,
        message: `${count} orders wait, allowed are ${warnAbove}`,
        value: count,
        unit: 'orders',
      };
    },
  }),
});
