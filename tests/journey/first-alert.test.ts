import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { type CodeBlock, codeBlocks } from '../docs/markdown-pages.ts';
import { buildClone } from './built-clone.ts';
import { repository, shellEnvironment, until } from './journey-programs.ts';
import { snapshotOf } from './running-engine.ts';
import { temporaryPlace } from './temporary-place.ts';

const PAGE = 'docs/guides/first-alert.md';
const PORT_OF_PAGE = '9099';
const FIVE_MINUTES_MS = 300_000;

it('a newcomer gets from nothing to an alert, its acknowledgement and its end by the guide, word by word', async () => {
  using place = temporaryPlace();
  const clone = join(place.path, 'clone');
  const begunMs = performance.now();
  mkdirSync(clone);
  buildClone(clone, ['core', 'daemon', 'alert-webhook', 'health-checks']);
  const copiedMs = performance.now();
  const buildMs = inject('buildMs') + copiedMs - begunMs;

  await using reader = new Reader(clone, join(place.path, 'my-desk'));
  const port = await freePort();
  const blocks = blocksOf(PAGE, { [PORT_OF_PAGE]: String(port) });
  expect(blocks.map(({ language }) => language).join(' ')).toBe('sh ts sh sh sh sh text sh text sh sh text');
  for (const block of blocks) await reader.follow(block, port);

  const guideMs = performance.now() - copiedMs;
  const [buildSeconds, seconds] = [buildMs, guideMs].map((ms) => (ms / 1000).toFixed(1));
  process.stdout.write(`first alert: ${seconds} s by the guide, after ${buildSeconds} s of building\n`);
  expect(buildMs + guideMs).toBeLessThan(FIVE_MINUTES_MS);
}, 600_000);

/** Blocks up to where the reader is told of receivers of their own, with another port than the page's. */
function blocksOf(path: string, replaced: Readonly<Record<string, string>>): readonly CodeBlock[] {
  const [text = ''] = readFileSync(join(repository, path), 'utf8').split('\n## Real receivers');
  const changed = Object.entries(replaced).reduce((page, [from, to]) => page.replaceAll(from, to), text);
  return codeBlocks({ path, text: changed });
}

/** Does what the page says and nothing else. */
class Reader implements AsyncDisposable {
  readonly #clone: string;
  readonly #desk: string;
  readonly #programs: Shell[] = [];
  #last: Shell | undefined;

  constructor(clone: string, desk: string) {
    this.#clone = clone;
    this.#desk = desk;
  }

  async follow({ language, text, line }: CodeBlock, port: number): Promise<void> {
    if (language === 'ts') return writeFileSync(join(this.#desk, 'qts-ops.config.ts'), text);
    if (language === 'text') return this.#sees(text.trim(), line);
    if (text.includes('createServer')) {
      this.#programs.push(new Shell(text, this.#clone));
      await until('the receiver listens', () => listens(port));
    } else if (text.includes('qts-ops run ')) {
      this.#programs.push(new Shell(text, this.#clone));
      await until('the engine answers', () => snapshotOf(join(this.#desk, '.qts-ops')));
    } else {
      for (const command of text.trim().split('\n')) await this.#run(command);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.toReversed()) await program.end();
  }

  async #run(command: string): Promise<void> {
    this.#last = new Shell(command, this.#clone);
    expect({ command, code: await this.#last.ended, output: this.#last.output }).toMatchObject({ code: 0 });
  }

  /** The page shows it, so it stands in some terminal; how long something took is another number each time. */
  async #sees(text: string, line: number): Promise<void> {
    const parts = text.split(/\d+(?= ms)/).map((part) => part.replaceAll(/[^\w\s]/g, '\\$&'));
    const pattern = new RegExp(parts.join('\\d+'));
    const terminals = [...this.#programs, ...(this.#last === undefined ? [] : [this.#last])];
    await until(`${PAGE}:${line}: ${text}`, () => terminals.some(({ output }) => pattern.test(output)));
  }
}

/** A command in a terminal of its own. */
class Shell {
  output = '';
  readonly ended: Promise<number | null>;
  readonly #pid: number;

  constructor(command: string, cwd: string) {
    const child = spawn('sh', ['-c', command], {
      cwd,
      env: shellEnvironment(),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#pid = child.pid ?? 0;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        this.output += data.toString();
      });
    }
    this.ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  }

  /** What closing the terminal does. */
  async end(): Promise<void> {
    try {
      process.kill(-this.#pid, 'SIGTERM');
    } catch {
      // It is gone.
    }
    await this.ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
