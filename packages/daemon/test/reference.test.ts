import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../src/api/open-api.ts';
import { referencePages } from './reference-pages.ts';

describe('the reference', () => {
  it.each(referencePages())('page $file is what the code says', ({ file, text }) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('of the API points only at schemas it holds', () => {
    const text = JSON.stringify(openApiDocument());
    const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
    const held = Object.keys(Object(openApiDocument()['components']).schemas);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) expect(held).toContain(ref.replace('#/components/schemas/', ''));
  });
});
