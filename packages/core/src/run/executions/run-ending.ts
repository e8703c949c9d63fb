import { isOpsException } from '../../kernel/ops-exception.ts';
import { draftEnd, type EndContext, type EndDraft, type EndOfRun, type EndPart } from './end-draft.ts';
import type { ExecutionOutput } from './execution.ts';
import { type ExecutionEnd, OUTPUT_ROW_BYTES } from './execution-rules.ts';
import type { ExecutionRun, RunEnded } from './execution-run.ts';
import type { RunsOptions } from './runs-options.ts';

/** An end that waits for its turn to be decided. */
interface WaitingEnd {
  readonly end: EndOfRun;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Waits between attempts to write an end that the store refused, ms; the last one repeats. */
const RETRY_WAITS_MS = [200, 1000, 5000, 15_000];

/** At most so many ends are decided in one go; then other decisions and the event loop have their turn. */
const ENDS_TOGETHER_MAX = 100;

/**
 * Writes how a run ended: execution, target state and what follows, in one transaction, until it is written. Ends that
 * come while another decision is under way share a transaction as far as none of them concerns another.
 */
export class RunEnding {
  readonly #options: RunsOptions;
  readonly #waiting: WaitingEnd[] = [];
  /** True while the ends that wait have a decision of their own ahead of them. */
  #asked = false;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** True once the end is written; false when the engine had to end first: the row then waits for the next start. */
  async commitEnd(run: ExecutionRun, ended: RunEnded, context: EndContext): Promise<boolean> {
    const { clock, logger } = this.#options;
    const output = await this.#keepOutput(run);
    const { verdict, atMs, detached } = ended;
    const end: ExecutionEnd = { atMs, by: 'scheduler', output, progress: run.progress, detached };
    for (let attempt = 0; ; attempt++) {
      const gaveUp = context.patience.aborted;
      try {
        await this.#decide({ run, verdict, end, context });
        return true;
      } catch (error) {
        const waitMs = RETRY_WAITS_MS[Math.min(attempt, RETRY_WAITS_MS.length - 1)] ?? 1000;
        logger.error(
          gaveUp
            ? 'could not write the end of a run; the next start closes it'
            : 'could not write the end of a run; trying again',
          { executionId: run.execution.id, ...textOf(error), ...(gaveUp ? {} : { waitMs }) },
        );
        if (gaveUp) return false;
        await clock.sleep(waitMs, context.patience).catch(() => undefined);
      }
    }
  }

  /** Resolves once the end is committed. */
  #decide(end: EndOfRun): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ end, resolve, reject });
    this.#ask();
    return promise;
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    void this.#options.states.exclusively(() => this.#decideWaiting());
  }

  /** Decides the ends that wait, in their order. Inside a decision; each one is told on its own how it went. */
  async #decideWaiting(): Promise<void> {
    this.#asked = false;
    const ends = this.#waiting.splice(0, ENDS_TOGETHER_MAX);
    const hasMore = this.#waiting.length > 0;
    if (hasMore) this.#ask();
    while (ends.length > 0) {
      const count = await this.#commitTogether(ends);
      ends.splice(0, count);
      const next = count === 0 ? ends.shift() : undefined;
      if (next !== undefined) await this.#commitAlone(next.end).then(next.resolve, next.reject);
    }
    if (hasMore) await this.#options.clock.nextTurn();
  }

  /** Commits the first of some ends in one transaction; returns how many, 0 when the first one must go alone. */
  async #commitTogether(ends: readonly WaitingEnd[]): Promise<number> {
    const drafts = this.#draftTogether(ends);
    if (drafts.length < 2) return 0;
    const parts = drafts.flatMap((draft) => draft.parts);
    try {
      if ((await this.#commit(parts)) !== 'committed') return 0;
    } catch {
      // One by one, each end that is refused says why, and the others are written.
      return 0;
    }
    for (const [index, { request, plan }] of drafts.entries()) {
      const waiting = ends[index];
      try {
        waiting?.end.context.committed(request, plan);
        waiting?.resolve();
      } catch (error) {
        // Decided again, alone: its row has ended, which then closes its books.
        waiting?.reject(error);
      }
    }
    return drafts.length;
  }

  /** As many of the first ends as stand alone, one of each target: none of them is decided on what another one changes. */
  #draftTogether(ends: readonly WaitingEnd[]): readonly EndDraft[] {
    const drafts: EndDraft[] = [];
    const targets = new Set<string>();
    if (ends.length < 2) return drafts;
    for (const { end } of ends) {
      const { id } = end.run.definition;
      if (targets.has(id)) break;
      targets.add(id);
      try {
        const draft = draftEnd(end, this.#options);
        if (!draft.standsAlone) break;
        drafts.push(draft);
      } catch {
        // Thrown again, and reported, when its turn to be decided alone comes.
        break;
      }
    }
    return drafts;
  }

  async #commitAlone(end: EndOfRun): Promise<void> {
    const { parts, follow, request, plan } = draftEnd(end, this.#options);
    const isWhole = (await this.#commit(parts)) === 'committed';
    const refused = isWhole ? [] : await this.#commitParts(end.run, parts);
    const follows = !refused.includes('what follows it');
    const starts = !refused.includes('what starts after it');
    if (follows) follow.committed();
    end.context.committed(follows ? request : { added: [], states: [] }, starts ? plan : undefined);
  }

  #commit(parts: readonly EndPart[]) {
    const changes = parts.flatMap((part) => part.changes);
    const states = parts.flatMap((part) => part.states);
    return this.#options.states.commit(changes, states);
  }

  /**
   * Somebody else has written to one of the rows: that row stays as it is, the others are written all the same,
   * so that neither the target nor what waits for it hangs on. Returns what was refused.
   */
  async #commitParts(run: ExecutionRun, parts: readonly EndPart[]): Promise<readonly string[]> {
    const { states, logger } = this.#options;
    const refused: string[] = [];
    for (const { what, changes, states: next } of parts) {
      if ((await states.commit(changes, next)) === 'committed') continue;
      refused.push(what);
      const { id } = run.execution;
      logger.error(`${what} was refused: its row has moved on`, { executionId: id, code: 'BAT-0103' });
    }
    return refused;
  }

  async #keepOutput(run: ExecutionRun): Promise<ExecutionOutput> {
    const { text, totalBytes, truncated } = run.capture.finish();
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length <= OUTPUT_ROW_BYTES) return { tail: text, bytes: totalBytes, truncated };
    // A replacement character at the cut is dropped: the cut may fall inside a character.
    const tail = bytes
      .subarray(-OUTPUT_ROW_BYTES)
      .toString('utf8')
      .replace(/^\uFFFD+/u, '');
    try {
      const file = await this.#options.outputFiles.save(run.execution.id, text);
      if (file === undefined) return { tail, bytes: totalBytes, truncated: true };
      return { tail, bytes: totalBytes, file, truncated };
    } catch (error) {
      this.#options.logger.warn('could not keep the output of a run in a file', {
        executionId: run.execution.id,
        ...textOf(error),
      });
      return { tail, bytes: totalBytes, truncated: true };
    }
  }
}

/** An error as fields of a log line. */
function textOf(error: unknown): { readonly error: string; readonly code: string } {
  const code = isOpsException(error) ? error.code : 'SYS-9999';
  return { error: error instanceof Error ? error.message : String(error), code };
}
