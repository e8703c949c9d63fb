import { afterAll, beforeAll, describe, it } from 'vitest';
import { buildLiveProgram, goldenPath, noTerminal, Terminal } from './terminal.ts';

const REASON = 'vendor confirmed fix, 티켓 8812';

const why = noTerminal === undefined ? '' : ` (${noTerminal})`;
let built: Awaited<ReturnType<typeof buildLiveProgram>>;

beforeAll(async () => {
  if (noTerminal === undefined) built = await buildLiveProgram();
});
afterAll(() => built?.remove());

/** A terminal and the names under which its screens are kept. */
interface Recording {
  readonly terminal: Terminal;
  readonly narrow: boolean;
  readonly keep: (name: string, ready: string) => Promise<void>;
}

describe.skipIf(noTerminal !== undefined).concurrent(`screens on a real terminal${why}`, () => {
  it.for([
    [120, 40],
    [80, 24],
    [40, 10],
  ] as const)('look as recorded at %ix%i', async ([columns, rows], { expect }) => {
    await using terminal = await Terminal.open({ columns, rows, command: `node ${built.program}` });
    const keep = async (name: string, ready: string) => {
      await terminal.see(ready);
      const kept = goldenPath(`${name}-${columns}x${rows}`);
      const screen = await terminal.settle(kept);
      expect(screen.split('\n').length - 1).toBe(rows);
      await expect(screen).toMatchFileSnapshot(kept);
    };
    const recording = { terminal, narrow: columns === 40, keep };
    await terminal.see('> X FAIL');
    await terminal.tell('advance 200');
    await keep('targets', columns === 120 ? '8614 runs' : '> X FAIL');
    await recordDetail(recording);
    await recordDialog(recording);
    await recordPages(recording);
    await recordWatch(recording);
    await terminal.tell('lose');
    await terminal.see('LOST');
    await terminal.tell('advance 3000');
    await keep('lost', columns === 40 ? 'LOST 3s, data as of 14:05:21' : 'next try in');
    await terminal.key('2');
    await keep('lost-alerts', columns === 40 ? '> X CRIT  STALE' : 'none: connection lost');
  });
});

async function recordDetail({ terminal, narrow, keep }: Recording): Promise<void> {
  await terminal.key('Enter');
  await keep('detail', narrow ? 'last run FAILED' : '[ledger-sync-kraken]');
  await terminal.key('Escape');
  await terminal.see('> X FAIL');
}

async function recordDialog({ terminal, keep }: Recording): Promise<void> {
  await terminal.key('r');
  await terminal.see('RUN NOW');
  await terminal.tell('advance 400');
  await terminal.type(REASON);
  await keep('dialog-reason', ' ok |');
  await terminal.key('Enter');
  await keep('dialog-review', 'y do it');
  await terminal.tell('advance 400');
  await terminal.key('n');
  await terminal.see((screen) => !screen.includes('y do it'));
}

async function recordPages({ terminal, keep }: Recording): Promise<void> {
  await terminal.key('3');
  await keep('executions', '> STOPPED');
  await terminal.key('1', 'l');
  await terminal.see('attempts');
  await terminal.key('g');
  await keep('log', 'FAILED    AUTO');
  await terminal.key('?');
  await keep('help', 'Moving');
  await terminal.key('q', 'q');
  await terminal.see('> X FAIL');
}

async function recordWatch({ terminal, narrow, keep }: Recording): Promise<void> {
  await terminal.key('2');
  await keep('alerts', narrow ? 'clock: 3.1' : 'nobody told');
  await terminal.key('Enter');
  await keep('alert', narrow ? 'since 13:58:21' : 'FAILED  12 attempts');
  await terminal.key('Escape');
  await terminal.see('> X CRIT');
  await terminal.key('a');
  await terminal.see('ACKNOWLEDGE');
  await terminal.tell('advance 400');
  await terminal.type(REASON);
  await keep('dialog-acknowledge', ' ok |');
  await terminal.key('Escape');
  await terminal.see('nothing was sent');
  await terminal.key('6');
  await keep('silences', '> ACTIVE');
  await terminal.key('x');
  await terminal.see('END SILENCE');
  await terminal.tell('advance 400');
  await terminal.type(REASON);
  await keep('dialog-silence', ' ok |');
  await terminal.key('Escape');
  await terminal.see('nothing was sent');
  await terminal.key('5');
  await keep('health', narrow ? 'UNKNOWN tls-venue' : '24 h   pass 97.5 %');
  await terminal.tell('backup');
  await terminal.tell('advance 600');
  await terminal.key('4');
  await keep('backups', narrow ? '3.9 GB' : 'of 9.4 GB');
  await terminal.key('1');
  await terminal.see('> X FAIL');
}
