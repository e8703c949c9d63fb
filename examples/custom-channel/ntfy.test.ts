import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeAlertChannel } from '@qts-ops/core/testing';
import { expect, it } from 'vitest';
import { ntfyContract } from './ntfy-contract.ts';

describeAlertChannel('ntfy', ntfyContract);

it('is at most forty lines long and stands in the guide as it is', () => {
  const source = readFileSync(join(import.meta.dirname, 'ntfy.ts'), 'utf8');
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/write-a-channel.md'), 'utf8');
  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  expect(guide).toContain(source);
});
