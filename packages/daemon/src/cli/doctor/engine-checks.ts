import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { isStateLocked, readLockOwner, readLoopBlock } from '@qts-ops/core';
import { resolveSocket } from '@qts-ops/core/client';
import { type DoctorCheck, fail, ok, warn } from './doctor-check.ts';

/** An engine that turns accepts a connection within this time, ms. */
const CONNECT_MS = 1000;

/** Oldest version that everything was tested with. */
const NODE_MIN = [24, 15] as const;

/** Whether this program runs on a version of Node.js it was tested with. */
export function nodeCheck(version: string): DoctorCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = NODE_MIN;
  const enough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  return enough
    ? ok('node', `Node.js ${version}`)
    : fail('node', `Node.js ${version}`, `install Node.js ${NODE_MIN.join('.')} or newer`);
}

/** Who holds a state folder, whether it answers, and whether its event loop turns. */
export async function engineChecks(stateFolder: string): Promise<readonly DoctorCheck[]> {
  const locked = isStateLocked(stateFolder);
  return [
    lockCheck(stateFolder, locked),
    await socketCheck(stateFolder, locked),
    ...loopChecks(stateFolder, locked),
  ];
}

function lockCheck(stateFolder: string, locked: boolean): DoctorCheck {
  if (!locked) return ok('lock', 'no engine holds the state folder');
  const owner = readLockOwner(stateFolder);
  if (owner === undefined) return ok('lock', 'held by an engine that left no name');
  return ok(
    'lock',
    `held by pid ${owner.pid} on ${owner.host} since ${new Date(owner.sinceMs).toISOString()}`,
  );
}

async function socketCheck(stateFolder: string, locked: boolean): Promise<DoctorCheck> {
  const socket = resolveSocket(stateFolder);
  const exists = existsSync(socket);
  if (!exists && !locked) return ok('socket', 'no engine runs, no socket is left');
  if (!exists)
    return fail(
      'socket',
      `an engine runs, but ${socket} is gone`,
      'start the engine again: nobody can reach it',
    );
  const answers = await isAnswering(socket);
  if (answers) return ok('socket', `${socket} answers`);
  return locked
    ? fail(
        'socket',
        `${socket} does not answer within ${CONNECT_MS} ms`,
        'look at loop-blocked.json and the log; start the engine again if it hangs',
      )
    : warn('socket', `${socket} was left by an engine that is gone`, 'nothing: the next start replaces it');
}

function loopChecks(stateFolder: string, locked: boolean): readonly DoctorCheck[] {
  const block = readLoopBlock(stateFolder);
  if (block === undefined) return locked ? [ok('event loop', 'turns')] : [];
  const since = new Date(block.sinceMs).toISOString();
  const names = block.suspects.map(({ targetId }) => targetId).join(', ');
  const who = names === '' ? '' : `; running then: ${names}`;
  return locked
    ? [
        fail(
          'event loop',
          `stands still since ${since}${who}`,
          'run the named target isolated or as a command; start the engine again',
        ),
      ]
    : [
        warn(
          'event loop',
          `stood still since ${since} until the engine ended${who}`,
          'run the named target isolated or as a command',
        ),
      ];
}

function isAnswering(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const settle = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(CONNECT_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
