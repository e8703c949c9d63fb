import { expect, it } from 'vitest';
import { functionSizes } from './function-sizes.ts';

const named = (source: string, jsx = false) =>
  functionSizes(source, jsx).map(({ name, lines, parameters }) => [name, lines, parameters]);

it('finds functions, methods and arrows with their length and parameters', () => {
  const source = `
export async function load(path: string, options: { a: number; b: string } = { a: 1, b: '' }): Promise<{ x: number }> {
  return { x: 1 };
}
class Store {
  constructor(readonly a: Map<string, number>, b = 2) {
    this.b = b;
  }
  get size(): number {
    return 1;
  }
  async #commit<T extends object>(changes: readonly T[], done: (a: number, b: number) => void): Promise<void> {
  }
}
const pick = (a: number) => {
  return a;
};
const row = ({ a, b }: Row): readonly string[] => (
  a
);`;
  expect(named(source)).toEqual([
    ['load', 3, 2],
    ['constructor', 3, 2],
    ['size', 3, 0],
    ['#commit', 2, 2],
    ['arrow', 3, 1],
    ['arrow', 3, 1],
  ]);
});

it('does not take conditions, calls, types and choices for functions', () => {
  const source = `
if (a) { b(); }
for (const x of xs) { c(x); }
switch (kind) { case (1): { break; } }
const chosen = yes ? (a) : { b: 1 };
type F = (a: number, b: string, c: boolean, d: Date) => void;
interface I { run(a: number, b: number): void; }
try { f(); } catch (error) { g(); }`;
  expect(named(source)).toEqual([]);
});

it('reads return types that hold brackets, arrows, unions and predicates', () => {
  const source = `
function a(x: unknown): x is { y: number } { return true; }
function b(): (x: number) => void { return () => undefined; }
function c(): Array<() => void> | 'none' { return []; }
function d(): asserts x is string { check(); }
function e(): typeof table[number] { return 1; }
function f(): { kind: 'a' } | { kind: 'b' } { return g; }`;
  expect(named(source).map(([name]) => name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it('counts a component with elements by its lines', () => {
  const source = `export function Row({ a }: Props): ReactNode {
  return (
    <Box>
      <Text>{a.map((x) => { return x; })} it's</Text>
    </Box>
  );
}`;
  expect(named(source, true)).toEqual([
    ['Row', 7, 1],
    ['arrow', 1, 1],
  ]);
});

it('names the call that an arrow is handed to', () => {
  expect(named("describe('all', () => {\n  it('a', () => {\n  });\n});")).toEqual([
    ['describe', 4, 0],
    ['it', 2, 0],
  ]);
});
