/** A stretch of time in which a zone's clock runs at one constant distance from UTC; `endMs` is exclusive. */
export interface ZoneSegment {
  readonly startMs: number;
  readonly endMs: number;
  /** Wall clock minus UTC, in milliseconds. */
  readonly offsetMs: number;
}

interface ZoneTable {
  readonly offsetFormat: Intl.DateTimeFormat;
  /** Segments of each block of time, so that asking in any order gives the same bounds. */
  readonly blocks: Map<number, readonly ZoneSegment[]>;
  /** The segment of the last answer; nearly every question falls into it again. */
  latest: ZoneSegment;
}

const dayMs = 86_400_000;
const blockMs = 512 * dayMs;
/** Since 1970 no zone has changed its offset twice within 6.9 days, so no change falls between two probes. */
const probeMs = 4 * dayMs;
/** No wall clock is further from UTC than this, local mean times of the 19th century included. */
const maxOffsetMs = 16 * 3_600_000;
/** The largest step back of any wall clock is one day (a move across the date line). */
const maxOverlapMs = 26 * 3_600_000;
const maxZones = 1_000;
const maxBlocksPerZone = 1_000;

const tables = new Map<string, ZoneTable>();
const nothing: ZoneSegment = { startMs: 0, endMs: 0, offsetMs: 0 };

/** Whether the runtime knows this time zone; the host's own zone has no name here, on purpose. */
export function isValidZone(name: string): boolean {
  if (tables.has(name)) return true;
  try {
    offsetFormatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** How far the wall clock of `zone` is ahead of UTC at an instant, in milliseconds; a RangeError for unknown zones. */
export function offsetAt(zone: string, instantMs: number): number {
  return segmentAt(zone, instantMs).offsetMs;
}

/**
 * The constant-offset segment that contains an instant; a RangeError for unknown zones.
 * Bounds are exact changes of the clock or, where nothing changes, arbitrary: two neighbours may share an offset.
 */
export function segmentAt(zone: string, instantMs: number): ZoneSegment {
  const table = tableOf(zone);
  const { latest } = table;
  if (instantMs >= latest.startMs && instantMs < latest.endMs) return latest;
  for (const segment of blockOf(table, Math.floor(instantMs / blockMs))) {
    if (instantMs < segment.endMs) {
      table.latest = segment;
      return segment;
    }
  }
  throw new RangeError(`${instantMs} is not an instant`);
}

/**
 * The instants at which the wall clock of `zone` shows `localMs` (wall time counted as if it were UTC):
 * none inside a gap, two inside an overlap, otherwise one; ascending.
 */
export function localToInstants(zone: string, localMs: number): number[] {
  const instants: number[] = [];
  let segment = segmentAt(zone, localMs - maxOffsetMs);
  while (segment.startMs <= localMs + maxOffsetMs) {
    const instantMs = localMs - segment.offsetMs;
    if (instantMs >= segment.startMs && instantMs < segment.endMs) instants.push(instantMs);
    segment = segmentAt(zone, segment.endMs);
  }
  return instants;
}

/**
 * The segment in which the wall clock of `zone` first shows `localMs` or anything later.
 * `localMs - offsetMs` before its start means that the wall clock jumps over `localMs` there.
 */
export function segmentReaching(zone: string, localMs: number): ZoneSegment {
  let segment = segmentAt(zone, localMs - maxOffsetMs);
  while (localMs >= segment.endMs + segment.offsetMs) segment = segmentAt(zone, segment.endMs);
  return segment;
}

/**
 * The wall time before which the wall clock of `zone` has shown or jumped over everything by the end of the
 * millisecond `instantMs`. Inside an overlap this is ahead of the clock: the second pass shows nothing new.
 */
export function shownThrough(zone: string, instantMs: number): number {
  let segment = segmentAt(zone, instantMs);
  let shownMs = instantMs + segment.offsetMs + 1;
  while (segment.startMs > instantMs - maxOverlapMs) {
    const { startMs } = segment;
    segment = segmentAt(zone, startMs - 1);
    shownMs = Math.max(shownMs, startMs + segment.offsetMs);
  }
  return shownMs;
}

function tableOf(zone: string): ZoneTable {
  const known = tables.get(zone);
  if (known !== undefined) return known;
  const table: ZoneTable = { offsetFormat: offsetFormatOf(zone), blocks: new Map(), latest: nothing };
  if (tables.size >= maxZones) tables.clear();
  tables.set(zone, table);
  return table;
}

function offsetFormatOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
}

function blockOf(table: ZoneTable, index: number): readonly ZoneSegment[] {
  const known = table.blocks.get(index);
  if (known !== undefined) return known;
  const segments = readSegments(table.offsetFormat, index * blockMs);
  if (table.blocks.size >= maxBlocksPerZone) table.blocks.clear();
  table.blocks.set(index, segments);
  return segments;
}

function readSegments(format: Intl.DateTimeFormat, blockStartMs: number): readonly ZoneSegment[] {
  const segments: ZoneSegment[] = [];
  const blockEndMs = blockStartMs + blockMs;
  let startMs = blockStartMs;
  let offsetMs = readOffset(format, blockStartMs);
  for (let probedMs = blockStartMs; probedMs < blockEndMs; probedMs += probeMs) {
    const nextOffsetMs = readOffset(format, probedMs + probeMs);
    if (nextOffsetMs === offsetMs) continue;
    const changeMs = findChange(format, probedMs, probedMs + probeMs);
    if (changeMs >= blockEndMs) break;
    segments.push({ startMs, endMs: changeMs, offsetMs });
    startMs = changeMs;
    offsetMs = nextOffsetMs;
  }
  segments.push({ startMs, endMs: blockEndMs, offsetMs });
  return segments;
}

/** The first whole second after `beforeMs` at which the offset is the one of `afterMs`; both are whole seconds. */
function findChange(format: Intl.DateTimeFormat, beforeMs: number, afterMs: number): number {
  const oldOffsetMs = readOffset(format, beforeMs);
  let low = beforeMs / 1_000;
  let high = afterMs / 1_000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (readOffset(format, middle * 1_000) === oldOffsetMs) low = middle;
    else high = middle;
  }
  return high * 1_000;
}

const offsetText = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

function readOffset(format: Intl.DateTimeFormat, instantMs: number): number {
  const text = format.format(instantMs);
  const match = offsetText.exec(text);
  if (match === null) throw new RangeError(`'${text}' does not end with an offset from GMT`);
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match;
  const offsetMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -offsetMs : offsetMs;
}
