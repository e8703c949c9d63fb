import { afterAll, beforeAll, describe, it } from 'vitest';
import { buildLiveProgram, goldenPath, noTerminal, Terminal } from './terminal.ts';

const REASON = 'vendor confirmed fix, 티켓 8812';

const why = noTerminal === undefined ? '' : ` (${noTerminal})`;
let built: Awaited<ReturnType<typeof buildLiveProgram>>;

beforeAll(async () => {
  if (noTerminal === undefined) built = await buildLiveProgram();
});
afterAll(() => built?.remove());

describe.skipIf(noTerminal !== undefined).concurrent(`screens on a real terminal${why}`, () => {
  it('show what becomes of an act: moved on, unknown, accepted', async ({ expect }) => {
    await using terminal = await Terminal.open({ columns: 80, rows: 24, command: `node ${built.program}` });
    await terminal.see('> X FAIL');
    await terminal.key('p');
    await terminal.see('PAUSE');
    await terminal.tell('advance 400');
    await terminal.type(REASON);
    await terminal.key('Enter');
    await terminal.see('y do it');
    await terminal.tell('advance 600');
    await terminal.tell('fail orderbook-upbit');
    await terminal.tell('suspend ledger-sync-kraken');
    await terminal.tell('advance 500');
    await terminal.tell('advance 500');
    await terminal.see('MOVED ON');
    await expect(await terminal.settle(goldenPath('dialog-moved-80x24'))).toMatchFileSnapshot(
      goldenPath('dialog-moved-80x24'),
    );
    await terminal.tell('advance 400');
    await terminal.tell('loseAct after');
    await terminal.key('y');
    await terminal.see('OUTCOME UNKNOWN');
    await expect(await terminal.settle(goldenPath('dialog-unknown-80x24'))).toMatchFileSnapshot(
      goldenPath('dialog-unknown-80x24'),
    );
    await terminal.key('y');
    await terminal.see('not done twice');
    await expect(await terminal.settle(goldenPath('accepted-80x24'))).toMatchFileSnapshot(
      goldenPath('accepted-80x24'),
    );
    const { effects, requests } = await terminal.tell('requests');
    expect(effects).toHaveLength(1);
    expect(requests).toHaveLength(2);
  });

  it('filter, freeze and say so', async ({ expect }) => {
    await using terminal = await Terminal.open({ columns: 80, rows: 24, command: `node ${built.program}` });
    await terminal.see('> X FAIL');
    await terminal.type('/kind:command !recon');
    await terminal.see('3 of 14');
    await expect(await terminal.settle(goldenPath('filter-80x24'))).toMatchFileSnapshot(
      goldenPath('filter-80x24'),
    );
    await terminal.key('Enter');
    await terminal.type('F');
    await terminal.see('FROZEN');
    await terminal.tell('fail month-close');
    await terminal.tell('advance 6000');
    const frozen = await terminal.see((screen) => screen.includes('FAIL 2'));
    expect(frozen).toMatch(/- IDLE {3}month-close/);
    await terminal.type('F');
    await terminal.see((screen) => /X FAIL {3}month-close/.test(screen));
  });
});

describe.skipIf(noTerminal !== undefined).concurrent(`the size and looks of a real terminal${why}`, () => {
  it('equal a fresh screen after eight resizes', async ({ expect }) => {
    await using terminal = await Terminal.open({
      columns: 120,
      rows: 40,
      command: `node ${built.program}`,
    });
    await terminal.see('> X FAIL');
    await terminal.tell('advance 200');
    await terminal.see('8614 runs');
    for (const [columns, rows] of [
      [80, 24],
      [120, 40],
      [40, 10],
      [200, 50],
      [30, 8],
      [110, 36],
      [60, 20],
      [80, 24],
    ] as const) {
      await terminal.resize(columns, rows);
      const sign = columns < 40 ? 'too small' : '> X FAIL';
      const screen = await terminal.see(
        (text) => text.includes(sign) && text.trimEnd().split('\n').length <= rows,
      );
      expect(screen.split('\n').length - 1).toBe(rows);
    }
    await using fresh = await Terminal.open({ columns: 80, rows: 24, command: `node ${built.program}` });
    await fresh.see('> X FAIL');
    await fresh.tell('advance 200');
    // A busy machine may show half a frame for a while; both end up the same.
    await expect.poll(async () => (await terminal.capture()) === (await fresh.capture())).toBe(true);
    expect(await terminal.see('? help')).toBe(await fresh.see('? help'));
  });

  it('put the cursor of the terminal into the text field, where input methods draw, through resizes too', async ({
    expect,
  }) => {
    await using terminal = await Terminal.open({ columns: 80, rows: 24, command: `node ${built.program}` });
    await terminal.see('> X FAIL');
    await expect.poll(() => terminal.ask('#{cursor_flag}')).toBe('0');
    await terminal.key('r');
    await terminal.see('RUN NOW');
    await terminal.tell('advance 400');
    await terminal.type('거래소 x');
    const screen = await terminal.see('거래소 x');
    const row = screen.split('\n').findIndex((line) => line.includes('거래소 x'));
    await expect
      .poll(() => terminal.ask('#{cursor_flag} #{cursor_x} #{cursor_y}'))
      .toBe(`1 ${12 + 8} ${row}`);
    await terminal.resize(60, 20);
    await terminal.see((text) => text.includes('+-- RUN NOW') && text.trimEnd().split('\n').length <= 20);
    await terminal.resize(30, 8);
    await terminal.see('too small');
    await expect.poll(() => terminal.ask('#{cursor_flag}')).toBe('0');
    await terminal.resize(80, 24);
    expect(await terminal.see('거래소 x')).toBe(screen);
    await expect
      .poll(() => terminal.ask('#{cursor_flag} #{cursor_x} #{cursor_y}'))
      .toBe(`1 ${12 + 8} ${row}`);
  });

  it('use no colour sequence at all with NO_COLOR, and still bold and inverse', async ({ expect }) => {
    await using terminal = await Terminal.open({
      columns: 80,
      rows: 24,
      command: `node ${built.program}`,
      env: { NO_COLOR: '1' },
    });
    await terminal.see('X FAIL');
    await expect(await terminal.settle(goldenPath('mono-80x24'), '-e')).toMatchFileSnapshot(
      goldenPath('mono-80x24'),
    );
    await terminal.key('r');
    await terminal.see('RUN NOW');
    await terminal.key('Escape');
    await terminal.see('dropped');
    await terminal.key('?');
    await terminal.see('Moving');
    // The copy is written by a program of its own, which may lag behind the screen.
    await expect.poll(() => terminal.raw()).toContain('Moving');
    // Select Graphic Rendition with a parameter of 30 to 49 or 90 to 107 would be a colour.
    const colours = terminal.raw().match(/\u001b\[(?:\d+;)*(?:[34]\d|9\d|10[0-7])(?:;\d+)*m/g);
    expect(colours).toBeNull();
    expect(terminal.raw()).toContain('\u001b[7m');
  });

  it('are painted although CI is set', async () => {
    await using terminal = await Terminal.open({
      columns: 80,
      rows: 24,
      command: `node ${built.program}`,
      env: { CI: 'true' },
    });
    await terminal.see('> X FAIL');
  });
});
