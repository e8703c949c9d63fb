import { expect, it } from 'vitest';
import { heartbeatIn } from './heartbeat-in.ts';

it('says which key it waits for, so that pings under it are taken before its first look', () => {
  const { definition } = heartbeatIn;
  const keysOf = (options: object) => definition.pingKeys?.(definition.parse(options));
  expect(keysOf({ key: 'nightly', periodMs: 60_000 })).toEqual(['nightly']);
  expect(keysOf({ file: '/tmp/touched', periodMs: 60_000 })).toEqual([]);
  // Pings of a store of its own never come to the engine.
  const pings = { lastPing: () => undefined };
  expect(keysOf({ key: 'nightly', pings, periodMs: 60_000 })).toEqual([]);
});
