import { expect, it } from 'vitest';
import { PINGS_AT_ONCE, PingRate, senderOf } from './ping-rate.ts';

it('lets a sender come in a heap, then at its pace, and tells how long it is to wait', () => {
  const rate = new PingRate();
  const waits = Array.from({ length: PINGS_AT_ONCE + 1 }, () => rate.take('10.0.0.1', 0));
  expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(PINGS_AT_ONCE);
  expect(waits.at(-1)).toBe(200);
  expect(rate.take('10.0.0.2', 0)).toBe(0);
  expect(rate.take('10.0.0.1', 100)).toBe(100);
  expect(rate.take('10.0.0.1', 200)).toBe(0);
  expect(rate.take('10.0.0.1', 200)).toBe(200);
});

it('remembers so many senders and no more', () => {
  const rate = new PingRate();
  for (let index = 0; index < PINGS_AT_ONCE; index++) rate.take('10.0.0.1', 0);
  expect(rate.take('10.0.0.1', 0)).toBeGreaterThan(0);
  for (let index = 0; index < 2000; index++) rate.take(`172.16.${index >> 8}.${index & 255}`, 0);
  expect(rate.take('10.0.0.1', 0)).toBe(0);
});

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
  ['', ''],
])('%s counts as %s', (address, sender) => expect(senderOf(address)).toBe(sender));
