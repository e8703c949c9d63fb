import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildLiveProgram, goldenPath, noTerminal, Terminal } from './terminal.ts';

let built: Awaited<ReturnType<typeof buildLiveProgram>>;
const why = noTerminal === undefined ? '' : ` (${noTerminal})`;

beforeAll(async () => {
  if (noTerminal === undefined) built = await buildLiveProgram();
});
afterAll(() => built?.remove());

/** Runs the program between two looks at the modes of the terminal, as a shell would leave them. */
function betweenModes(program: string): string {
  return `stty -g > $QTS_FOLDER/before; node ${program}; echo "code $?"; stty -g > $QTS_FOLDER/after; echo done; sleep 600`;
}

async function open(): Promise<Terminal> {
  const terminal = await Terminal.open({ columns: 80, rows: 24, command: betweenModes(built.program) });
  await terminal.see('> X FAIL');
  return terminal;
}

async function expectRestored(terminal: Terminal): Promise<void> {
  const mode = (name: string): string => readFileSync(path.join(terminal.folder, name), 'utf8');
  expect(mode('after')).toBe(mode('before'));
  expect(await terminal.ask('#{alternate_on} #{cursor_flag}')).toBe('0 1');
  // The copy is written by a program of its own, which may lag behind the screen.
  await vi.waitFor(() => expect(terminal.raw()).toMatch(/done\s*$/), 90_000);
  const raw = terminal.raw();
  expect(raw.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(raw.lastIndexOf('\u001b[?2004h'));
}

/** Process id of the program: the child of the shell that the terminal runs. */
async function programId(terminal: Terminal): Promise<number> {
  const shell = await terminal.ask('#{pane_pid}');
  const children = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ');
  return Number(children.at(-1));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(noTerminal !== undefined).concurrent(`leaving${why}`, () => {
  it.each([
    ['q', async (terminal: Terminal) => terminal.key('q'), 0],
    ['ctrl-c', async (terminal: Terminal) => terminal.key('C-c'), 0],
    ['SIGTERM', async (terminal: Terminal) => void process.kill(await programId(terminal), 'SIGTERM'), 143],
    ['SIGHUP', async (terminal: Terminal) => void process.kill(await programId(terminal), 'SIGHUP'), 129],
    ['SIGINT', async (terminal: Terminal) => void process.kill(await programId(terminal), 'SIGINT'), 130],
    ['SIGQUIT', async (terminal: Terminal) => void process.kill(await programId(terminal), 'SIGQUIT'), 131],
    ['an error nobody caught', async (terminal: Terminal) => void (await terminal.tell('throw')), 1],
  ])('by %s gives the terminal back as it was', async (how, leave, code) => {
    await using terminal = await open();
    await leave(terminal);
    const screen = await terminal.see('done');
    expect(screen).toContain(`code ${code}`);
    expect(screen.includes('an error nobody catches')).toBe(how === 'an error nobody caught');
    await expectRestored(terminal);
  });

  it('by ctrl-c works from inside a dialog too', async () => {
    await using terminal = await open();
    await terminal.key('r');
    await terminal.see('RUN NOW');
    await terminal.key('C-c');
    expect(await terminal.see('done')).toContain('code 0');
    await expectRestored(terminal);
  });

  it('by a terminal that is closed ends the program', async () => {
    const terminal = await open();
    const pid = await programId(terminal);
    await terminal[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 90_000);
  });
});

describe.skipIf(noTerminal !== undefined)(`job control${why}`, () => {
  it('goes to the shell by ctrl-z and paints the same screen after fg', async () => {
    await using terminal = await Terminal.open({
      columns: 80,
      rows: 24,
      command: "PS1='shell> ' bash --norc --noprofile -i",
    });
    await terminal.see('shell>');
    await terminal.type(`node ${built.program}\n`);
    await terminal.see('> X FAIL');
    await terminal.tell('advance 200');
    // A busy machine shows half a frame for a while: the kept screen says when it is whole.
    const whole = goldenPath('targets-80x24');
    const before = await terminal.settle(whole);
    await terminal.key('C-z');
    await terminal.see('Stopped');
    expect(await terminal.ask('#{alternate_on} #{cursor_flag}')).toBe('0 1');
    await terminal.type('stty -a | grep -o " -*icanon"\n');
    await terminal.see(' icanon');
    await terminal.type('fg\n');
    expect(await terminal.settle(whole)).toBe(before);
    await terminal.type('j');
    await terminal.see('> # SUSP');
    await terminal.key('q');
    await terminal.see((screen) => screen.trimEnd().endsWith('shell>'));
    await terminal.type('echo restored-$((40+2))\n');
    await terminal.see('restored-42');
  });
});
