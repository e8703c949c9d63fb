import { expect, it } from 'vitest';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { defaultAlertSettings } from '../../watch/alerts/alert-settings.ts';
import { noWatch } from '../config/watch-config.ts';
import { PingBook } from './ping-book.ts';

it('knows which keys are pinged over the network: by the config, and by the way the last ping came', async () => {
  const pings = { host: '0.0.0.0', port: 1, keys: { nightly: { env: 'NIGHTLY' } } };
  const book = await PingBook.open({
    store: { readPings: async () => [{ key: 'local', seenAtMs: 1 }] },
    commit: async () => 'committed',
    clock: new VirtualClock(),
    redact: (text) => text,
    config: { watch: { ...noWatch(defaultAlertSettings([])), pings } },
  });
  const seen = () => [
    book.isOverNetwork('nightly'),
    book.isOverNetwork('local'),
    book.isOverNetwork('toString'),
  ];
  expect(seen()).toEqual([true, false, false]);
  await book.take('nightly', { kind: 'success' });
  await book.take('local', { kind: 'success' });
  expect(seen()).toEqual([false, false, false]);
  await book.take('nightly', { kind: 'success' }, 'network');
  expect(seen()).toEqual([true, false, false]);
});
