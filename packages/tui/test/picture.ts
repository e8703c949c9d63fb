import { writeFile } from 'node:fs/promises';
import { svgOf } from './svg.ts';
import { buildLiveProgram, Terminal } from './terminal.ts';

/**
 * Makes pictures of the live screen over recorded data, the same on every machine:
 * `node --conditions=@qts-ops/source packages/tui/test/picture.ts FOLDER`.
 */
const [folder = '.'] = process.argv.slice(2);
const size = { columns: 120, rows: 40 };
const built = await buildLiveProgram();
try {
  await using terminal = await Terminal.open({
    ...size,
    command: `node ${built.program}`,
    env: { QTS_UNICODE: '1' },
  });
  await terminal.see('FAIL   ledger-sync-kraken');
  await terminal.tell('advance 200');
  await terminal.see('8614 runs');
  await keep('picture', terminal);
  await terminal.key('r');
  await terminal.see('RUN NOW');
  await terminal.tell('advance 400');
  await terminal.type('vendor confirmed the fix, ticket 8812');
  await terminal.key('Enter');
  await terminal.see('y do it');
  await keep('dialog', terminal);
} finally {
  built.remove();
}

async function keep(name: string, terminal: Terminal): Promise<void> {
  await writeFile(`${folder}/${name}.svg`, svgOf(await terminal.capture('-e'), size.columns));
}
