import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';

/** The licence texts of every package a bundle contains: they must go with each copy of it. */
export function thirdPartyLicences({ outputs }: Metafile, workingFolder: string): string {
  const folders = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(path.resolve(workingFolder, folder));
    }
  }
  return `${[...folders]
    .sort()
    .map(licenceOf)
    .join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function licenceOf(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  // A package's manifest is an object of whatever its author wrote.
  const { name, version, license, author, repository } = manifest as Readonly<Record<string, unknown>>;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text =
    file === undefined
      ? `The package has no licence file; its manifest says: ${JSON.stringify({ license, author, repository })}`
      : readFileSync(path.join(folder, file), 'utf8').trim();
  return `${String(name)} ${String(version)} (${String(license)})\n\n${text}`;
}
