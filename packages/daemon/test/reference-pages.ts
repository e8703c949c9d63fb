import { openApiDocument } from '../src/api/open-api.ts';
import { cliReference } from '../src/cli/cli-reference.ts';

/** Pages under docs/reference that are made from this package. */
export function referencePages(): ReadonlyArray<{ readonly file: URL; readonly text: string }> {
  return [
    { file: pageUrl('openapi.json'), text: `${JSON.stringify(openApiDocument(), null, 2)}\n` },
    { file: pageUrl('cli.md'), text: cliReference() },
  ];
}

function pageUrl(name: string): URL {
  return new URL(`../../../docs/reference/${name}`, import.meta.url);
}
