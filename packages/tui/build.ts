import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { thirdPartyLicences } from './third-party.ts';

/** What is bundled where. */
export interface BundleOptions {
  readonly entry: string;
  readonly outdir: string;
  /** `source`: the engine's package goes in too, from its sources, so that the bundle runs anywhere. */
  readonly core: 'external' | 'source';
}

/**
 * Bundles a program of this package into ESM files for Node; what is imported lazily becomes a file of its own. React
 * and Ink come in their production form; the devtools, which nobody needs in a terminal, are left out.
 */
export async function bundle({ entry, outdir, core }: BundleOptions): Promise<void> {
  // Names of the files change with their contents; old ones would stay for ever.
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: [entry],
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    jsx: 'automatic',
    legalComments: 'none',
    ...(core === 'external'
      ? { external: ['@qts-ops/core', '@qts-ops/core/*', '@qts-ops/daemon'] }
      : { conditions: ['@qts-ops/source'], ignoreAnnotations: true }),
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
    metafile: true,
    plugins: [
      {
        name: 'no-devtools',
        setup(builder) {
          builder.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({
            path,
            namespace: 'empty',
          }));
          builder.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {};' }));
        },
      },
    ],
  });
  const licences = thirdPartyLicences(metafile, process.cwd());
  await writeFile(path.join(outdir, 'third-party-licences.txt'), licences);
}

if (import.meta.main) {
  const at = (path: string): string => new URL(path, import.meta.url).pathname;
  await bundle({ entry: at('src/main.ts'), outdir: at('dist/bundle'), core: 'external' });
}
