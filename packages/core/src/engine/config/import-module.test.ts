import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let home: string;
beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'qts-import-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const child = `
const { loadConfig } = await import(process.argv[1]);
const { code, message } = await loadConfig(process.argv[2], { timeoutMs: 100 }).catch((error) => error);
console.log(JSON.stringify({ code, message }));
`;

/** Loads a config in a process of its own, because an endless one would end this one. */
async function outcomeOf(file: string): Promise<unknown> {
  const entry = path.join(import.meta.dirname, 'index.ts');
  const args = ['--conditions=@qts-ops/source', '--input-type=module', '-e', child, entry, file];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

describe('a config that waits for what never comes', () => {
  it('is refused instead of ending the program as if all were well', async () => {
    const file = path.join(home, 'qts-ops.config.mjs');
    writeFileSync(file, 'await new Promise(() => {});\nexport default {};');
    expect(await outcomeOf(file)).toEqual({
      code: 'INP-0603',
      message: `${file}: did not finish loading within 0.1 s; remedy: take every 'await' out of the config; do work inside its run functions`,
    });
  });
});
