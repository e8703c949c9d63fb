import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maxSocketPathBytes, resolveSocket, socketPathOf } from './socket-path.ts';

let home: string;
let runtime: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'qts-sock-'));
  runtime = path.join(home, 'run');
  mkdirSync(runtime, { mode: 0o700 });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function deepFolder(): string {
  const folder = path.join(home, 'd'.repeat(maxSocketPathBytes));
  mkdirSync(folder);
  return folder;
}

describe('the socket of a state folder', () => {
  it('lies inside the folder when the path is short', () => {
    expect(socketPathOf(home, {})).toBe(path.join(home, 'qts-ops.sock'));
    expect(resolveSocket(home)).toBe(path.join(home, 'qts-ops.sock'));
    expect(existsSync(path.join(home, 'socket-path'))).toBe(false);
  });

  it('can be listened on and found again when the path is long', async () => {
    const folder = deepFolder();
    const socket = socketPathOf(folder, { XDG_RUNTIME_DIR: runtime });
    expect(path.dirname(socket)).toBe(runtime);
    expect(resolveSocket(folder)).toBe(socket);
    await using server = net.createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
    expect(existsSync(resolveSocket(folder))).toBe(true);
  });

  it('differs between two long state folders', () => {
    const env = { XDG_RUNTIME_DIR: runtime };
    const other = path.join(deepFolder(), 'other');
    mkdirSync(other);
    expect(socketPathOf(other, env)).not.toBe(socketPathOf(path.dirname(other), env));
  });

  it('never lies in a run-time folder that others may enter', () => {
    chmodSync(runtime, 0o755);
    const socket = socketPathOf(deepFolder(), { XDG_RUNTIME_DIR: runtime });
    expect(path.dirname(socket)).not.toBe(runtime);
    expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700);
  });

  it('never follows a link to a run-time folder', () => {
    const link = path.join(home, 'link');
    symlinkSync(runtime, link);
    expect(path.dirname(socketPathOf(deepFolder(), { XDG_RUNTIME_DIR: link }))).not.toBe(link);
  });

  it('is not believed from a pointer that holds no short absolute path', () => {
    const folder = deepFolder();
    writeFileSync(path.join(folder, 'socket-path'), 'relative.sock\n');
    expect(resolveSocket(folder)).toBe(path.join(folder, 'qts-ops.sock'));
    rmSync(path.join(folder, 'socket-path'));
    expect(resolveSocket(folder)).toBe(path.join(folder, 'qts-ops.sock'));
  });

  it('keeps the pointer readable by this user only', () => {
    const folder = deepFolder();
    socketPathOf(folder, { XDG_RUNTIME_DIR: runtime });
    const pointer = path.join(folder, 'socket-path');
    expect(statSync(pointer).mode & 0o777).toBe(0o600);
    expect(readFileSync(pointer, 'utf8')).toMatch(/^\/.*\n$/);
  });
});
