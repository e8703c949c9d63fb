import { expect, it } from 'vitest';
import { LOOK_WITHIN_MS, OUTBOX_WITHIN_MS, type Progress, standstillsOf } from './progress-rules.ts';

const before: Progress = { wakes: 10, hasChecks: true, lastLookMono: 0, isStoreWritable: true, mono: 1000 };
const now: Progress = { ...before, wakes: 70, lastLookMono: 50_000, mono: 61_000 };

it('an engine that gets on has no reason to be silent', () => {
  expect(standstillsOf(now, before)).toEqual([]);
  expect(standstillsOf({ ...now, outboxOldestMs: OUTBOX_WITHIN_MS }, before)).toEqual([]);
});

it.each<[string, Partial<Progress>]>([
  ['the scheduler does not look', { wakes: 10 }],
  ['no check finishes', { lastLookMono: 61_000 - LOOK_WITHIN_MS - 1 }],
  ['no check finishes', { lastLookMono: undefined, mono: LOOK_WITHIN_MS + 1 }],
  ['notices are not sent', { outboxOldestMs: OUTBOX_WITHIN_MS + 1 }],
  ['the store cannot be written', { isStoreWritable: false }],
])('an engine is silent because %s', (reason, wrong) => {
  expect(standstillsOf({ ...now, ...wrong }, before)).toEqual([reason]);
});

it('nothing is concluded from checks that are not there, or too soon after a start', () => {
  expect(standstillsOf({ ...now, hasChecks: false, lastLookMono: undefined }, before)).toEqual([]);
  expect(standstillsOf({ ...before, mono: 1500, lastLookMono: undefined }, before)).toEqual([]);
});

it('an engine is not restarted again and again because of notices that an earlier one could not send', () => {
  const old = { ...now, outboxOldestMs: 24 * OUTBOX_WITHIN_MS };
  expect(standstillsOf({ ...old, runningMs: 60_000 }, before)).toEqual([]);
  expect(standstillsOf({ ...old, runningMs: OUTBOX_WITHIN_MS + 1 }, before)).toEqual([
    'notices are not sent',
  ]);
  expect(standstillsOf({ ...old, runningMs: OUTBOX_WITHIN_MS + 1, isIsolated: true }, before)).toEqual([]);
});

it('checks that look seldom are given their time', () => {
  const seldom = { ...now, mono: 2_000_000, lastLookMono: 0, shortestIntervalMs: 700_000 };
  expect(standstillsOf(seldom, before)).toEqual([]);
  expect(standstillsOf({ ...seldom, mono: 2_100_001 }, before)).toEqual(['no check finishes']);
});
