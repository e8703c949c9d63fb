import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used up to now. */
export interface ProcessUse {
  /** Time on a processor of all its living threads, ms. */
  readonly cpuMs: number;
  /** Memory of its own and shared, as the system counts it, bytes. */
  readonly residentBytes: number;
  /** Bytes it has caused to be written to the disk. */
  readonly writtenBytes: number;
}

/** Reads what a process has used; throws when it is gone. */
export function useOf(pid: number | 'self'): ProcessUse {
  const folder = `/proc/${pid}`;
  return {
    cpuMs: cpuMsOf(pid),
    residentBytes: field(`${folder}/status`, /^VmRSS:\s+(\d+) kB$/m) * 1024,
    writtenBytes: field(`${folder}/io`, /^write_bytes: (\d+)$/m),
  };
}

/** Time on a processor of all living threads of a process, ms; exact to the microsecond where `ps` counts in 10 ms. */
export function cpuMsOf(pid: number | 'self'): number {
  const folder = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const thread of readdirSync(folder)) {
    nanoseconds += Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1_000_000;
}

/** Processes that were started by `pid` and live. */
export function childrenOf(pid: number): readonly number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return list === '' ? [] : list.split(' ').map(Number);
}

function field(path: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(path, 'utf8'))?.[1]);
}
