import { existsSync } from 'node:fs';
import { isStateLocked, readLockOwner, readLoopBlock } from '@qts-ops/core';
import { isOpsException, resolveSocket } from '@qts-ops/core/client';
import type { Asked } from './channel-checks.ts';
import { type DoctorCheck, fail, ok, textOfError, warn } from './doctor-check.ts';

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
export function engineChecks(stateFolder: string, asked: Asked): readonly DoctorCheck[] {
  const locked = isStateLocked(stateFolder);
  return [
    lockCheck(stateFolder, locked),
    socketCheck(stateFolder, locked, asked),
    ...loopChecks(stateFolder, locked, asked),
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

function socketCheck(stateFolder: string, locked: boolean, asked: Asked): DoctorCheck {
  const socket = resolveSocket(stateFolder);
  const exists = existsSync(socket);
  if (!exists && !locked) return ok('socket', 'no engine runs, no socket is left');
  if (!exists)
    return fail(
      'socket',
      `an engine runs, but ${socket} is gone`,
      'start the engine again: nobody can reach it',
    );
  if (!('problem' in asked)) return ok('socket', `${socket} answers`);
  const { problem } = asked;
  return !locked && isOpsException(problem) && problem.code === 'EXT-0105'
    ? warn('socket', `${socket} was left by an engine that is gone`, 'nothing: the next start replaces it')
    : fail(
        'socket',
        textOfError(problem),
        'look at loop-blocked.json and the log; start the engine again if it hangs',
      );
}

function loopChecks(stateFolder: string, locked: boolean, asked: Asked): readonly DoctorCheck[] {
  const block = readLoopBlock(stateFolder);
  // Only an answer proves that it turns: a process that was stopped writes no report about itself.
  if (block === undefined) return locked && !('problem' in asked) ? [ok('event loop', 'turns')] : [];
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
