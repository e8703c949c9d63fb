import fc from 'fast-check';
import { expect, it } from 'vitest';
import { playStory } from './alert-stage.ts';
import { alertStories, type StoryStep } from './alert-story.ts';

const MINUTE_MS = 60_000;

it('every story of alerts ends well: nothing lost, nothing told twice or to no purpose (fixed seed)', async () => {
  const played = fc.asyncProperty(alertStories, async (steps) => {
    expect((await playStory(steps)).findings).toEqual([]);
  });
  await fc.assert(played, { numRuns: 30, seed: 20_261_120 });
});

/** Stories that once broke a promise. */
const FOUND: ReadonlyArray<readonly [string, readonly StoryStep[]]> = [
  [
    'a step of an escalation was given up on a channel that had heard an earlier one',
    [
      { kind: 'crowd', level: 'INFO', count: 5 },
      { kind: 'wait', ms: 35 * MINUTE_MS },
      { kind: 'channel', channel: 'chat', answer: 'refuses-message' },
    ],
  ],
  [
    'somebody took an alert while a step of its escalation waited for the channel',
    [
      { kind: 'channel', channel: 'chat', answer: 'retry' },
      { kind: 'raise', key: 'a1', level: 'ERROR' },
      { kind: 'wait', ms: 11 * MINUTE_MS },
      { kind: 'acknowledge', key: 'a1', forMs: 180 * MINUTE_MS, sticky: false },
      { kind: 'channel', channel: 'chat', answer: 'ok' },
      { kind: 'wait', ms: 35 * MINUTE_MS },
    ],
  ],
];

it.each(FOUND)('ends well also when %s', async (_, steps) => {
  expect((await playStory(steps)).findings).toEqual([]);
});
