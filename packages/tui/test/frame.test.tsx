import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { afterEach, describe, expect, it } from 'vitest';
import { cleanText, widthOf } from '../src/present/cells.ts';
import { ScreenJob } from '../src/screen-job.ts';
import { App } from '../src/screens/app.tsx';
import { chooseTheme, THEME_NAMES, type ThemeName } from '../src/theme.ts';
import { RecordedEngine } from './recorded-client.ts';
import { KEEP_TARGET, NOW_MS, snapshotOf, TARGETS, targetView } from './recorded-data.ts';
import { RecordedScreen } from './recorded-screen.ts';
import { checkView, SILENCES } from './recorded-watch.ts';

/** A terminal that remembers the last frame and how many there were. */
class FakeTerminal extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  frame = '';
  frames = 0;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string, done?: () => void): boolean {
    if (text !== '') {
      this.frame = text;
      this.frames += 1;
    }
    done?.();
    return true;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }
}

/** A keyboard: what is pushed arrives as one chunk. */
class FakeKeyboard extends EventEmitter {
  readonly isTTY = true;
  #chunks: string[] = [];

  push(chunk: string): void {
    this.#chunks.push(chunk);
    this.emit('readable');
  }

  read(): string | null {
    return this.#chunks.shift() ?? null;
  }

  setRawMode(): this {
    return this;
  }

  setEncoding(): void {}
  ref(): void {}
  unref(): void {}
}

interface Shown extends AsyncDisposable {
  readonly screen: RecordedScreen;
  readonly terminal: FakeTerminal;
  readonly keyboard: FakeKeyboard;
}

async function show(
  columns: number,
  rows: number,
  options: { engine?: RecordedEngine; theme?: ThemeName } = {},
): Promise<Shown> {
  const { engine = new RecordedEngine(), theme = 'mono' } = options;
  const screen = await RecordedScreen.open({ engine, size: { columns, rows } });
  const terminal = new FakeTerminal(columns, rows);
  const keyboard = new FakeKeyboard();
  const looks = chooseTheme({ name: theme, unicode: theme === 'light', noColor: undefined });
  const instance = render(
    <App feed={screen.feed} control={screen.control} theme={looks} job={new ScreenJob()} />,
    {
      // The library asks for whole streams; these have what it uses.
      stdout: terminal as unknown as NodeJS.WritableStream,
      stdin: keyboard as unknown as NodeJS.ReadableStream,
      debug: true,
      interactive: true,
      patchConsole: false,
      exitOnCtrlC: false,
    },
  );
  await screen.settle();
  return {
    screen,
    terminal,
    keyboard,
    [Symbol.asyncDispose]: async () => {
      instance.unmount();
      await screen[Symbol.asyncDispose]();
    },
  };
}

const open: Shown[] = [];
afterEach(async () => {
  for (const shown of open.splice(0)) await shown[Symbol.asyncDispose]();
});

describe('a frame', () => {
  const states: ReadonlyArray<readonly [string, (shown: Shown) => void | Promise<void>]> = [
    ['targets', () => undefined],
    ['detail', ({ screen }) => screen.press('enter')],
    ['executions', ({ screen }) => screen.press('3')],
    [
      'log',
      async ({ screen }) => {
        screen.press('l');
        await screen.settle();
      },
    ],
    ['help', ({ screen }) => screen.press('?')],
    ['dialog', ({ screen }) => screen.press('r')],
    [
      'review',
      ({ screen }) => {
        screen.open('x');
        screen.press('esc');
        screen.open('p');
        screen.type('긴 사유를 '.repeat(40));
        screen.press('enter');
      },
    ],
    [
      'unknown',
      async ({ screen }) => {
        screen.engine.loseNextAct = 'after';
        await screen.perform('p', 'x'.repeat(300));
      },
    ],
    [
      'lost',
      async ({ screen }) => {
        screen.engine.lose();
        await screen.advance(1_000);
      },
    ],
    ['alerts', ({ screen }) => screen.press('2')],
    [
      'alert',
      async ({ screen }) => {
        screen.press('2', 'enter');
        await screen.settle();
      },
    ],
    [
      'silence',
      ({ screen }) => {
        screen.press('2');
        screen.open('s');
        screen.type('거래소 점검 중입니다. '.repeat(30));
        screen.press('tab', 'enter');
      },
    ],
    ['health', ({ screen }) => screen.press('5')],
    ['check', ({ screen }) => screen.press('5', 'enter')],
    [
      'backups',
      async ({ screen }) => {
        screen.engine.addTarget(KEEP_TARGET);
        screen.press('4');
        await screen.advance(1_000);
      },
    ],
    ['backup', ({ screen }) => screen.press('4', 'enter')],
    [
      'silences',
      async ({ screen }) => {
        screen.engine.silences = SILENCES;
        screen.press('6');
        await screen.advance(5_000);
      },
    ],
    [
      'end of a silence',
      async ({ screen }) => {
        screen.engine.silences = SILENCES.map((silence) => ({
          ...silence,
          matchers: ['job=거래소'.repeat(30), 'level!=CRITICAL'],
        }));
        screen.press('6');
        await screen.advance(5_000);
        screen.open('x');
        screen.type('거래소 점검이 끝났습니다. '.repeat(30));
        screen.press('enter');
      },
    ],
    ['help of silences', ({ screen }) => screen.press('6', '?')],
    ['help of alerts', ({ screen }) => screen.press('2', '?')],
    [
      'lost alerts',
      async ({ screen }) => {
        screen.press('2');
        screen.engine.lose();
        await screen.advance(1_000);
      },
    ],
    [
      'filter',
      ({ screen }) => {
        screen.press('/');
        screen.type(`state:fail 거래소 ${'x'.repeat(100)}`);
      },
    ],
  ];
  const sizes = [
    [40, 10],
    [41, 12],
    [60, 16],
    [79, 23],
    [80, 10],
    [80, 24],
    [109, 35],
    [110, 36],
    [120, 40],
    [200, 60],
  ] as const;

  it.each(states)(
    'of %s fills the terminal exactly and never more, at every size',
    async (_name, arrange) => {
      const long = targetView('목표-이름이-아주-깁니다-그리고-더-깁니다', {
        title: '한글 '.repeat(30),
        lastErrorMessage: '❤️👨‍👩‍👧\u001b[2J'.repeat(9),
        consecutiveErrors: 2,
        lastStatus: 'FAILED',
      });
      const shown = await show(120, 40, { engine: new RecordedEngine(snapshotOf([...TARGETS, long])) });
      open.push(shown);
      await arrange(shown);
      for (const [columns, rows] of sizes) {
        shown.terminal.resize(columns, rows);
        await shown.screen.settle();
        const lines = shown.terminal.frame.split('\n');
        expect(lines).toHaveLength(rows);
        for (const line of lines) expect(widthOf(cleanText(line))).toBeLessThanOrEqual(columns);
      }
    },
  );

  it.each(THEME_NAMES)('says every state in words in the theme %s', async (theme) => {
    const shown = await show(120, 40, { theme });
    open.push(shown);
    const text = cleanText(shown.terminal.frame.replaceAll('\n', '|'));
    for (const word of ['FAIL', 'SUSP', 'WARN', 'STALE', 'PAUSED', 'IDLE', 'RUN', 'OK'])
      expect(text).toContain(` ${word} `);
    expect(/\u001b\[[\d;]*(?:3[0-7]|38;5|9[0-7])/.test(shown.terminal.frame)).toBe(theme !== 'mono');
  });

  it('says how much room is needed when there is too little', async () => {
    const shown = await show(39, 9);
    open.push(shown);
    expect(shown.terminal.frame).toContain('terminal too small, need 40x10');
  });

  it('of a list that the filter emptied says how to get it back', async () => {
    const shown = await show(80, 24);
    open.push(shown);
    shown.keyboard.push('/nothing-like-this\r');
    await shown.screen.settle();
    expect(shown.terminal.frame).toContain('0 of 14 match, esc clears the filter');
  });

  it('is drawn in UTC when this machine does not know the zone of the engine', async () => {
    const snapshot = snapshotOf();
    const engine = { ...snapshot.engine, timeZone: 'Mars/Olympus' };
    const shown = await show(80, 24, { engine: new RecordedEngine({ ...snapshot, engine }) });
    open.push(shown);
    expect(shown.terminal.frame).toContain('05:05');
  });

  it('is not drawn for what it does not show, and is for what it shows', async () => {
    const shown = await show(80, 24);
    open.push(shown);
    const { screen, terminal } = shown;
    const before = terminal.frames;
    for (let look = 1; look <= 5; look++) {
      screen.engine.putCheck(checkView('internet', { lookedAtMs: NOW_MS + look, value: look }));
      await screen.settle();
      await screen.advance(600);
    }
    expect(screen.state.world.checks.get('internet')?.value).toBe(5);
    expect(terminal.frames).toBe(before);
    screen.press('j');
    await screen.settle();
    expect(terminal.frames).toBe(before + 1);
  });

  it('of an engine without targets says what to do', async () => {
    const shown = await show(80, 24, { engine: new RecordedEngine(snapshotOf([])) });
    open.push(shown);
    expect(shown.terminal.frame).toContain('no targets: add one to the config');
  });
});

describe('the keyboard', () => {
  it('delivers keys that arrive glued one by one', async () => {
    const shown = await show(80, 24);
    open.push(shown);
    shown.keyboard.push('jjj');
    expect(shown.screen.state.targets.place.index).toBe(3);
    shown.keyboard.push('kq');
    expect(shown.screen.state.targets.place.index).toBe(2);
    expect(shown.screen.effects).toEqual(['quit']);
  });

  it('delivers a bracketed paste as one text that presses no key', async () => {
    const shown = await show(80, 24);
    open.push(shown);
    shown.keyboard.push('\u001b[200~rp\ry\u001b[201~');
    expect(shown.screen.state.dialog).toBeUndefined();
    expect(shown.screen.state.flash?.text).toContain('dropped');
  });

  it('copies the id of the selected target', async () => {
    const shown = await show(80, 24);
    open.push(shown);
    shown.keyboard.push('y');
    expect(shown.screen.effects).toEqual(['copy ledger-sync-kraken']);
  });

  it.each([
    ['\u001b[B', 1],
    ['\u001bOB', 1],
    ['\u0004', 5],
    ['\u001b[F', 13],
  ])('understands %j', async (sequence, index) => {
    const shown = await show(80, 24);
    open.push(shown);
    shown.keyboard.push(sequence);
    expect(shown.screen.state.targets.place.index).toBe(index);
  });
});
