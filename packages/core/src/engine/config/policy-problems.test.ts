import { expect, it } from 'vitest';
import { readDocument } from './read-document.ts';
import { requireConfig } from './resolve-config.ts';

const nowMs = Date.UTC(2026, 10, 20);

it('problems of calendars, policies, dependencies and pools are listed at once, in the order of the file', () => {
  const document = readDocument(brokenYaml);
  if (!document.ok) throw new Error('the text is no YAML');
  const context = { env: {}, nowMs, configPath: '/srv/desk/qts-ops.config.yaml', lineOf: document.lineOf };
  expect(() => requireConfig(document.value, context)).toThrow(
    expect.objectContaining({ code: 'INP-0305', message: golden }),
  );
});

const brokenYaml = `instance: desk
pools: { heavy: 0, idle: 1 }
calendars:
  XKRX: ./own.csv
  NIGHT: /nowhere/night.csv
targets:
  - id: prices
    on: { every: 1m, mode: delay }
    run: { exec: [date] }
    calendar: XKRS
    missed: latest
    overlap: queue
  - id: score
    on: { at: closing, calendar: XKRX }
    run: { exec: [date] }
    retry: { maxAttempts: 20, categories: [NET] }
    pool: heavi
    jitter: 2 h
  - id: report
    after: [scores, report]
    on: demand
    run: { exec: [date] }
  - { id: a, after: c, run: { exec: [date] } }
  - { id: b, after: a, run: { exec: [date] } }
  - { id: c, after: b, run: { exec: [date] }, afterOn: done }
`;

const golden = `/srv/desk/qts-ops.config.yaml has 17 problems:
  pools.heavy (line 2): 0 is not allowed
    allowed: a whole number from 1 to 10000
    remedy: write how many runs may go on at once; a pool without a limit needs no entry
  pools.idle (line 2): no target is in the pool 'idle', so its limit does nothing
    allowed: pools that are named by the 'pool' of a target
    remedy: write pool: 'idle' in the targets that share the limit, or remove the entry
  calendars.XKRX (line 4): XKRX comes with the package
    allowed: 1 to 40 letters, digits, '_', '-' or '.', beginning with a letter; not XKRX or XNYS
    remedy: choose another name, such as XKRX_DESK, and name it in the targets
  calendars.NIGHT (line 5): /nowhere/night.csv does not exist
    allowed: a readable file with the ending .csv, .json, .yaml or .yml
    remedy: correct the path; it is relative to the config's folder
  targets[0].calendar (line 10): 'XKRS' is not a calendar
    allowed: XKRX, XNYS, NIGHT, or a name of an entry of 'calendars'
    remedy: did you mean 'XKRX'?
  targets[0].missed (line 11): 'missed' has no effect: with mode 'delay' only one slot waits, and it is run however late it is
    allowed: no 'missed' here
    remedy: remove it, or write mode: 'rate'
  targets[0].overlap (line 12): 'queue' does not say what becomes of a slot that is due during a run
    allowed: 'skip', 'queue-one', 'cancel-running', { queue: 10 } or { allow: 2 }
    remedy: write { queue: 10 }
  targets[1].on.at (line 14): 'closing' is not a moment of a session
    allowed: 'open' or 'close', alone or with + or - and a duration up to 24h: 'open-30m', 'close+1h30m'
    remedy: write for example 'close+5m'
  targets[1].retry.maxAttempts (line 16): 20 is not allowed
    allowed: a whole number from 1 to 10
    remedy: count the first attempt too; 1 means that nothing is tried again
  targets[1].retry.categories[0] (line 16): 'NET' is not a category of errors
    allowed: one or more of 'INP', 'EXT', 'BAT', 'DQ', 'SYS'
    remedy: remove it
  targets[1].pool (line 17): 'heavi' is not a pool
    allowed: an entry of 'pools', or 'default'
    remedy: did you mean 'heavy'?
  targets[1].jitter (line 18): '2 h' is out of range
    allowed: a duration from 0 to 1 hour, such as '250ms', '1s', '5m', '1h30m', or whole milliseconds
    remedy: write a whole number with its unit, without a decimal point
  targets[2].after (line 20): 'after' and 'on' exclude each other: a target that follows others runs at their slots
    allowed: one of the two
    remedy: remove 'on', or remove 'after'
  targets[2].after[0] (line 20): there is no target 'scores'
    allowed: ids of targets of this config
    remedy: did you mean 'score'?
  targets[2].after[1] (line 20): 'report' waits for itself
    allowed: ids of other targets
    remedy: remove it from 'after'
  targets[3].after (line 23): targets wait for each other in a circle: a → c → b → a
    allowed: 'after' that leads to a target with a schedule
    remedy: give one of them a schedule instead
  targets[5].afterOn (line 25): 'done' is not allowed
    allowed: 'success' or 'all-done' or 'any-failed'
    remedy: leave it out for 'success'`;
