import { expect, it } from 'vitest';
import { importList } from './import-list.ts';

const list = (source: string) =>
  importList(source, false).map(({ specifier, typeOnly }) => [specifier, typeOnly]);

it('reads every form of import and says which are types only', () => {
  const source = `
import { a } from './a.ts';
import type { B } from './b.ts';
import { type C, type D } from './c.ts';
import { type E, e } from './e.ts';
import f, { type F } from './f.ts';
import * as g from './g.ts';
import './h.ts';
export * from './i.ts';
export type { J } from './j.ts';
export { k } from './k.ts';
const l = await import('./l.ts');
type M = import('./m.ts').M;
import {
  type N,
  o,
} from "./n.ts";
// import { x } from './comment.ts';
const text = "import { y } from './text.ts'";`;
  expect(list(source)).toEqual([
    ['./a.ts', false],
    ['./b.ts', true],
    ['./c.ts', true],
    ['./e.ts', false],
    ['./f.ts', false],
    ['./g.ts', false],
    ['./h.ts', false],
    ['./i.ts', false],
    ['./j.ts', true],
    ['./k.ts', false],
    ['./l.ts', false],
    ['./m.ts', true],
    ['./n.ts', false],
  ]);
});

it('gives the line of the specifier', () => {
  expect(importList("\n\nimport {\n  a,\n} from './a.ts';", false)[0]?.line).toBe(5);
});
