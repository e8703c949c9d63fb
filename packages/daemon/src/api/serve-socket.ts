import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { makePrivateFolder, opsException } from '@qts-ops/core/client';
import type { ApiEngine, ApiReports } from './api-app.ts';
import { buildApi } from './build-api.ts';

/** The open admin API. */
export interface SocketServer extends AsyncDisposable {
  readonly socketPath: string;
  /** Ends every stream, lets running requests finish, removes the socket. Repeatable. */
  close(): Promise<void>;
}

/**
 * Opens the admin API on a unix socket that only this account can use (mode 0600).
 * @throws SYS-0412 when somebody else answers there or the file is not ours to replace.
 */
export async function serveSocket(
  engine: ApiEngine,
  socketPath: string,
  reports: ApiReports,
): Promise<SocketServer> {
  makePrivateFolder(dirname(socketPath));
  await removeStaleSocket(socketPath);
  const ended = new AbortController();
  const app = buildApi(engine, ended.signal, reports);
  await app.listen({ path: socketPath });
  await chmod(socketPath, 0o600);
  let closing: Promise<void> | undefined;
  const close = () => {
    ended.abort(new Error('the engine ends'));
    closing ??= app.close().then(() => undefined);
    return closing;
  };
  return { socketPath, close, [Symbol.asyncDispose]: close };
}

/** Removes a socket file that a dead engine left; asks first whether somebody answers. */
async function removeStaleSocket(socketPath: string): Promise<void> {
  const file = await lstat(socketPath).catch(() => undefined);
  if (file === undefined) return;
  if (!file.isSocket() || file.uid !== process.getuid?.()) {
    const seen = file.isSocket() ? `a socket of user ${file.uid}` : 'a file that is no socket';
    throw opsException('SYS-0412', `${socketPath}: ${seen} is in the way`, { data: { socketPath } });
  }
  if (await answers(socketPath)) {
    throw opsException('SYS-0412', `${socketPath}: another engine answers here`, { data: { socketPath } });
  }
  await unlink(socketPath);
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // Only a refusal proves that nobody listens; a full queue or a missing right proves nothing.
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
