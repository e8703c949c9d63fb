import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { randomId } from '../src/adapters/clock-system/random-id.ts';
import { onDemand, target } from '../src/engine/config/define-config.ts';
import { createConfig } from '../src/engine/config/load-config.ts';
import type { OpsConfig } from '../src/engine/config/ops-config.ts';
import { type KeepServices, performKeepAct } from '../src/engine/keep/keep-acts.ts';
import type { KeepDesk } from '../src/engine/keep/keep-desk.ts';
import { machineKeepServices } from '../src/engine/keep/keep-process.ts';
import type { KeepReport, SourceAct } from '../src/engine/keep/keep-request.ts';
import { keepRequest } from '../src/engine/keep/keep-runner.ts';
import { type KeepState, readKeepState } from '../src/engine/keep/keep-state.ts';

const DAY_MS = 86_400_000;

/** What a desk of the tests says of backups and rules. */
export interface DeskWish {
  readonly backup: Readonly<Record<string, unknown>>;
  readonly retention?: readonly Readonly<Record<string, unknown>>[];
}

/** A desk of real files whose keep runs are done in this process, at times of the test's own. */
export class KeepDeskRig implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'qts-keep-desk-'));
  readonly services: KeepServices;
  readonly logged: string[] = [];
  wish: DeskWish;
  #aheadMs = 0;

  constructor(wish: DeskWish, changes: Partial<KeepServices> = {}) {
    this.wish = wish;
    const machine = machineKeepServices();
    const clock = { ...machine.clock, now: () => machine.clock.now() + this.#aheadMs };
    const backup = { ...machine, ...changes };
    this.services = { ...backup, clock };
    mkdirSync(join(this.folder, 'data'));
  }

  /** The wall clock goes on, or jumps. */
  pass(days: number): void {
    this.#aheadMs += days * DAY_MS;
  }

  /** Writes a file below `data`, last changed so many days ago. */
  write(path: string, ageDays = 0, content = `content of ${path}\n`): void {
    const file = join(this.folder, 'data', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    const at = this.services.clock.now() / 1000 - ageDays * 86_400;
    utimesSync(file, at, at);
  }

  run(act: SourceAct, signal: AbortSignal = new AbortController().signal): Promise<KeepReport> {
    const order = { act, full: false, runId: randomId(), nowMs: this.services.clock.now() };
    const request = keepRequest({ config: this.#config(), stateFolder: join(this.folder, 'state') }, order);
    const log = (line: string) => void this.logged.push(line);
    return performKeepAct({ services: this.services, request, signal, progress: () => undefined, log });
  }

  /** What a program beside the engine works with. */
  desk(): KeepDesk & { readonly config: OpsConfig } {
    return { services: this.services, config: this.#config(), stateFolder: join(this.folder, 'state') };
  }

  #config(): OpsConfig {
    const { backup, retention = [] } = this.wish;
    const wishes = { instance: 'rig', targets: [target('noop', { on: onDemand(), run: () => undefined })] };
    return createConfig({ ...wishes, backup, retention } as never, { folder: this.folder });
  }

  state(): KeepState | undefined {
    return readKeepState(this.services.files, join(this.folder, 'state'));
  }

  /** `<set> <place>` of every backup, newest first. */
  listed(): readonly string[] {
    return (this.state()?.backups ?? []).map(({ source, copy }) => `${source}${copy ? ' copy' : ''}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
