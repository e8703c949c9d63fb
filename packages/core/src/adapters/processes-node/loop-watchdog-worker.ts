/** Entry of the watchdog thread, see `startLoopWatchdog`. */
import { appendFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { LoopBlock, LoopWatchdogData } from './loop-watchdog.ts';
import { LoopMemory } from './loop-watchdog-memory.ts';
import { hottestPlace } from './loop-watchdog-sample.ts';

const data = workerData as LoopWatchdogData; // given by startLoopWatchdog
const memory = new LoopMemory(data.memory);
const checkMs = Math.min(250, data.blockedAfterMs / 4);
let beats = memory.beats;
let turnedMs = performance.now();
let checkedMs = turnedMs;
let reported: Promise<LoopBlock> | undefined;

setInterval(check, checkMs);

function check(): void {
  const nowMs = performance.now();
  const ownGapMs = nowMs - checkedMs;
  checkedMs = nowMs;
  const turned = memory.beats !== beats;
  beats = memory.beats;
  // When this thread did not run either, the whole process was held (SIGSTOP, a sleeping machine): no one's fault.
  if (turned || ownGapMs >= data.blockedAfterMs) turnedMs = nowMs;
  if (turned && reported !== undefined) {
    void reported.then(reportMoved);
    reported = undefined;
  } else if (reported === undefined && nowMs - turnedMs >= data.blockedAfterMs) {
    reported = reportBlocked(Date.now() - Math.round(nowMs - turnedMs));
  }
}

async function reportBlocked(sinceMs: number): Promise<LoopBlock> {
  const found = { pid: data.pid, sinceMs, suspects: memory.suspects(), running: memory.running };
  const busyIn = await hottestPlace();
  const block: LoopBlock = busyIn === undefined ? found : { ...found, busyIn };
  const names = block.suspects.map((suspect) => suspect.targetId).join(', ') || 'none of our functions';
  const message = `the event loop stands still; running: ${names}; busy in: ${busyIn ?? 'a call of the system'}`;
  writeLine({ level: 'error', event: 'loop.blocked', message, blockedForMs: Date.now() - sinceMs, ...block });
  // Renamed whole, so that no reader meets half a file.
  attempt(() => writeFileSync(`${data.blockPath}.tmp`, JSON.stringify(block), { mode: 0o600 }));
  attempt(() => renameSync(`${data.blockPath}.tmp`, data.blockPath));
  return block;
}

function reportMoved(block: LoopBlock): void {
  attempt(() => rmSync(data.blockPath, { force: true }));
  const message = 'the event loop moves again';
  const blockedForMs = Date.now() - block.sinceMs;
  writeLine({ level: 'info', event: 'loop.moved', message, blockedForMs, pid: data.pid });
}

function writeLine(entry: object): void {
  const line = `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`;
  attempt(() => {
    if (data.logPath === undefined) writeSync(2, line);
    else appendFileSync(data.logPath, line, { mode: 0o600 });
  });
}

/** A full disk or a closed standard error must not end the watching. */
function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // Nobody is left to be told.
  }
}
