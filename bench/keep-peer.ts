import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as tar from 'tar';

/*
 * The same work through the `tar` package as its documentation shows it. Arguments: `create FOLDER FILE`, or
 * `check FILE`, which lists the archive and takes the digest of every file. Prints the milliseconds it took.
 */

// The package belongs to the core; from here it is found through it.
const { create, list } = createRequire(new URL('../packages/core/package.json', import.meta.url))(
  'tar',
) as typeof tar;
const [, , work, from = '', to = ''] = process.argv;
const begun = performance.now();
if (work === 'create') {
  await create({ file: to, cwd: from, gzip: { level: 6 }, portable: true }, readdirSync(from));
} else {
  let count = 0;
  await list({
    file: from,
    strict: true,
    onReadEntry(entry) {
      const digest = createHash('sha256');
      entry.on('data', (chunk: Buffer) => digest.update(chunk));
      entry.on('end', () => {
        if (digest.digest('hex') !== '') count += 1;
      });
    },
  });
  if (count === 0) throw new Error('nothing was listed');
}
process.stdout.write(String(performance.now() - begun));
