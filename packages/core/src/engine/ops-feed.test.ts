import { expect, it } from 'vitest';
import type { ExecutionView } from '../client/ops-views.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { OpsFeed, SNAPSHOT_EXECUTIONS_MAX } from './ops-feed.ts';

function newFeed(): OpsFeed {
  return new OpsFeed({
    clock: new VirtualClock(),
    engine: () => {
      // Only a snapshot asks for it, and only its executions are looked at here.
      return {} as ReturnType<ConstructorParameters<typeof OpsFeed>[0]['engine']>;
    },
    beatEveryMs: 2000,
  });
}

/** A view of the execution `n`; `reads` counts how often its status is looked at. */
function view(n: number, status: ExecutionView['status'], reads = { count: 0 }): ExecutionView {
  return {
    id: `e${n}`,
    jobId: 't',
    runType: 'AUTO',
    get status() {
      reads.count += 1;
      return status;
    },
    stopping: false,
    late: false,
    createdAtMs: n,
    outcomeKnown: true,
    detached: false,
    outputBytes: 0,
  };
}

const shown = (feed: OpsFeed) => feed.snapshot().executions.map(({ id }) => id);

it('keeps the executions that changed last, and every one that is running', () => {
  const feed = newFeed();
  feed.showExecution(view(0, 'RUNNING'));
  feed.showExecution(view(1, 'SUCCESS'));
  feed.showExecution(view(2, 'SUCCESS'));
  feed.showExecution(view(1, 'SUCCESS'));
  for (let n = 3; n < SNAPSHOT_EXECUTIONS_MAX + 1; n++) feed.showExecution(view(n, 'FAILED'));
  expect(shown(feed)).toHaveLength(SNAPSHOT_EXECUTIONS_MAX);
  expect(shown(feed).slice(-3)).toEqual(['e3', 'e1', 'e0']);
  feed.showExecution(view(0, 'SUCCESS'));
  for (let n = 1; n <= SNAPSHOT_EXECUTIONS_MAX; n++) feed.showExecution(view(1000 + n, 'READY'));
  expect(shown(feed)).not.toContain('e0');
});

it('shows more than its bound while more are running, and no other beside them', () => {
  const feed = newFeed();
  for (let n = 0; n < 2 * SNAPSHOT_EXECUTIONS_MAX; n++) feed.showExecution(view(n, 'RUNNING'));
  expect(shown(feed)).toHaveLength(2 * SNAPSHOT_EXECUTIONS_MAX);
  for (let n = 0; n < 2 * SNAPSHOT_EXECUTIONS_MAX; n++) feed.showExecution(view(n, 'SUCCESS'));
  expect(shown(feed)).toHaveLength(SNAPSHOT_EXECUTIONS_MAX);
  expect(shown(feed)[0]).toBe(`e${2 * SNAPSHOT_EXECUTIONS_MAX - 1}`);
});

it('looks at no other execution when it shows one, however many are running', () => {
  const feed = newFeed();
  const reads = { count: 0 };
  const count = 10 * SNAPSHOT_EXECUTIONS_MAX;
  for (let n = 0; n < count; n++) feed.showExecution(view(n, 'RUNNING', reads));
  for (let n = 0; n < count; n++) feed.showExecution(view(n, 'SUCCESS', reads));
  expect(reads.count).toBe(2 * count);
});
