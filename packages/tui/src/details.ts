import type { OpsClient, OutputChunk } from '@qts-ops/core/client';
import type { Feed } from './feed.ts';
import { cleanText } from './present/cells.ts';
import { problemText } from './problem-text.ts';
import type { ScreenClock } from './screen-clock.ts';
import type { OutputData, ScreenState } from './state/screen-state.ts';
import { findExecution, openPage, subjectId } from './state/selectors.ts';
import { WatchDetails } from './watch-details.ts';

/** Details of one target are read again at most so often while it changes. */
export const SUBJECT_EVERY_MS = 2_000;

/** Moving through a list does not ask about every row it passes. */
export const SETTLE_MS = 150;

/** Output of a running execution is asked for so often while its page is open. */
export const FOLLOW_EVERY_MS = 1_000;

/** Lines of output one page holds; older ones are dropped and counted. */
export const LINES_KEPT = 5_000;

const EXECUTIONS_ASKED = 100;
const ACTS_ASKED = 20;

/** Reads what the feed does not carry, for what is on the screen now: at most one question of each kind at a time. */
export class Details {
  readonly #feed: Feed;
  readonly #client: () => OpsClient | undefined;
  readonly #clock: ScreenClock;
  #subjectBusy = false;
  #outputBusy = false;
  #subject: { id: string; stamp: string; askedAtMs: number; seenAtMs: number } | undefined;
  #outputAskedAtMs = Number.NEGATIVE_INFINITY;
  #actsOf: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(feed: Feed, client: () => OpsClient | undefined, clock: ScreenClock) {
    this.#feed = feed;
    this.#client = client;
    this.#clock = clock;
  }

  /** Starts to look after the screen; the returned function ends it. */
  start(): () => void {
    const unsubscribe = this.#feed.subscribe(() => this.#look());
    this.#look();
    const stopWatch = new WatchDetails(this.#feed, this.#client, this.#clock).start();
    return () => {
      unsubscribe();
      stopWatch();
      this.#cancel?.();
    };
  }

  #look(): void {
    const client = this.#client();
    const state = this.#feed.get();
    if (client === undefined || state.link.kind !== 'live') return;
    this.#lookForActs(client, state);
    this.#lookForSubject(client, state);
    this.#lookForOutput(client, state);
  }

  #lookAgainIn(delayMs: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.#look();
    });
  }

  #lookForActs(client: OpsClient, { world }: ScreenState): void {
    // Acts of the time before a snapshot are told by nobody.
    if (world.snapshots === 0 || world.snapshots === this.#actsOf) return;
    this.#actsOf = world.snapshots;
    client.auditLogs({ limit: ACTS_ASKED }).then(
      (page) => this.#feed.act({ kind: 'acts', acts: page.items }),
      (error: unknown) =>
        this.#feed.act({
          kind: 'flash',
          flash: { text: `last acts could not be read: ${problemText(error)}`, tone: 'bad' },
        }),
    );
  }

  #lookForSubject(client: OpsClient, state: ScreenState): void {
    const id = subjectId(state);
    const revision = id === undefined ? undefined : state.world.targets.get(id)?.revision;
    if (id === undefined || revision === undefined || this.#subjectBusy || state.dialog !== undefined) return;
    const nowMs = this.#clock.nowMs();
    if (this.#subject?.id !== id) {
      this.#subject = { id, stamp: '', askedAtMs: Number.NEGATIVE_INFINITY, seenAtMs: nowMs };
    }
    const known = this.#subject;
    // A new snapshot means that skips may have been missed; what could not be read is tried again.
    const stamp = `${revision} ${state.world.snapshots}`;
    const failed = state.subject?.targetId === id && state.subject.problem !== undefined;
    if (known.stamp === stamp && !failed) return;
    const dueMs = Math.max(known.askedAtMs + SUBJECT_EVERY_MS, known.seenAtMs + SETTLE_MS);
    if (nowMs < dueMs) {
      this.#lookAgainIn(dueMs - nowMs);
      return;
    }
    this.#subject = { ...known, stamp, askedAtMs: nowMs };
    this.#subjectBusy = true;
    void this.#readSubject(client, id).finally(() => {
      this.#subjectBusy = false;
      this.#look();
    });
  }

  async #readSubject(client: OpsClient, targetId: string): Promise<void> {
    try {
      const [detail, page] = await Promise.all([
        client.target(targetId),
        client.executions({ jobId: targetId, limit: EXECUTIONS_ASKED }),
      ]);
      this.#feed.act({ kind: 'subject', subject: { targetId, detail, executions: page.items } });
    } catch (error) {
      const before = this.#feed.get().subject;
      const kept = before?.targetId === targetId ? before : { targetId, executions: [] };
      this.#feed.act({ kind: 'subject', subject: { ...kept, problem: problemText(error) } });
    }
  }

  #lookForOutput(client: OpsClient, state: ScreenState): void {
    const page = openPage(state);
    if (page?.kind !== 'log' || this.#outputBusy) return;
    const held = state.output?.executionId === page.executionId ? state.output : undefined;
    const status = findExecution(state, page.executionId)?.status;
    if (held?.ended === true && held.detail?.status === status && held.problem === undefined) return;
    const nowMs = this.#clock.nowMs();
    const dueMs = held === undefined ? nowMs : this.#outputAskedAtMs + FOLLOW_EVERY_MS;
    if (nowMs < dueMs) {
      this.#lookAgainIn(dueMs - nowMs);
      return;
    }
    this.#outputAskedAtMs = nowMs;
    this.#outputBusy = true;
    void this.#readOutput(client, held ?? emptyOutput(page.executionId)).finally(() => {
      this.#outputBusy = false;
      this.#look();
    });
  }

  async #readOutput(client: OpsClient, held: OutputData): Promise<void> {
    const { executionId } = held;
    try {
      const detail = await client.execution(executionId);
      let output: OutputData = { ...withoutProblem(held), detail };
      for (;;) {
        const chunk = await client.output(executionId, output.nextOffset);
        const moved = chunk.nextOffset > output.nextOffset;
        output = withChunk(output, chunk);
        if (chunk.ended || !moved) break;
      }
      this.#feed.act({ kind: 'output', output });
    } catch (error) {
      this.#feed.act({ kind: 'output', output: { ...held, problem: problemText(error) } });
    }
  }
}

/** Adds a piece of output: whole lines are cleaned and kept, the beginning of the next waits for its end. */
export function withChunk(output: OutputData, chunk: OutputChunk): OutputData {
  const parts = (output.rest + chunk.text).split('\n');
  const rest = parts.pop() ?? '';
  const lines = [...output.lines, ...parts.map(lineOf)];
  const dropped = Math.max(0, lines.length - LINES_KEPT);
  return {
    ...output,
    lines: dropped === 0 ? lines : lines.slice(dropped),
    rest,
    nextOffset: chunk.nextOffset,
    missedBytes: output.missedBytes + chunk.missedBytes,
    droppedLines: output.droppedLines + dropped,
    ended: chunk.ended,
  };
}

/** A written line as a terminal would leave it: a carriage return begins it anew. */
function lineOf(text: string): string {
  const shown = text.replace(/\r+$/u, '').split('\r').at(-1) ?? '';
  return cleanText(shown.replaceAll('\t', '    '));
}

/** Nothing read yet. */
export function emptyOutput(executionId: string): OutputData {
  return { executionId, lines: [], rest: '', nextOffset: 0, missedBytes: 0, droppedLines: 0, ended: false };
}

function withoutProblem(output: OutputData): OutputData {
  const { problem: _, ...rest } = output;
  return rest;
}
