import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckKind } from '@qts-ops/core/plugin';
import { describe, expect, it } from 'vitest';
import * as checks from './index.ts';

const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const exported: Readonly<Record<string, unknown>> = checks;
const kinds = Object.entries(exported).flatMap(([call, value]) =>
  isKind(value) ? [[call, value] as const] : [],
);

it('keeps the check names of the specification', () => {
  expect([
    checks.CHECK_GOOGLE_SHEETS,
    checks.CHECK_REPOSITORY_HEALTH,
    checks.CHECK_BROKER_HEARTBEAT,
    checks.CHECK_ETEDA_LOOP_LATENCY,
  ]).toEqual(['google_sheets', 'repository_health', 'broker_heartbeat', 'eteda_loop_latency']);
});

describe('the page of the package', () => {
  it('lists every kind, and no other', () => {
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \| `(\w+)` \|/gm)];
    const listed = Object.fromEntries(rows.map(([, name = '', call = '']) => [call, name]));
    expect(listed).toEqual(
      Object.fromEntries(kinds.map(([call, { definition }]) => [call, definition.name])),
    );
    expect(kinds).toHaveLength(18);
  });

  it('holds an example of every kind', () => {
    expect(kinds.map(([call]) => call).filter((call) => !page.includes(`checks.${call}({`))).toEqual([]);
  });
});

it('every kind leaves itself time to say what it was waiting for', () => {
  const hasty = kinds.filter(([, { definition }]) => definition.defaults.timeoutMs < 2_000);
  expect(hasty).toEqual([]);
});

function isKind(value: unknown): value is CheckKind {
  return typeof value === 'function' && 'definition' in value;
}
