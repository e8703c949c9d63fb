import { expect, it } from 'vitest';
import { maskSource } from './mask-source.ts';

it('blanks comments and texts and keeps every offset', () => {
  const source = "const a = 'x{'; // no {\nconst b = /* { */ 1;";
  const { code, comments } = maskSource(source, false);
  expect(code).toHaveLength(source.length);
  expect(code).toBe("const a = '  ';        \nconst b =         1;");
  expect(comments).toHaveLength(2);
});

it('keeps the code inside a template and blanks its text', () => {
  const open = '$'.concat('{');
  const source = `f(\`a {${open}g({ b: \`c}\` })} }\`)`;
  expect(maskSource(source, false).code).toBe(`f(\`   ${open}g({ b: \`  \` })}  \`)`);
});

it('tells a regular expression from a division', () => {
  expect(maskSource('a / b; x.match(/[/{]"/); return /}/;', false).code).toBe(
    'a / b; x.match(/     /); return / /;',
  );
});

it('blanks the text of an element and keeps the code between braces', () => {
  const source = `const e = <Box width={f(1)} title="it's {"><Text>don't {g('}')} stop</Text><Br /></Box>;`;
  const { code } = maskSource(source, true);
  expect(code).toContain('f(1)');
  expect(code).toContain("{g(' ')}");
  expect(code).not.toContain('stop');
  expect(code.split('{')).toHaveLength(code.split('}').length);
  expect(code.endsWith(';')).toBe(true);
});

it('does not take a comparison or type parameters for an element', () => {
  const source = 'const f = <T,>(a: T) => a; if (a < b) g();';
  expect(maskSource(source, true).code).toBe(source);
});

it('reads escapes in quotes', () => {
  expect(maskSource(String.raw`f('a\'{', "\\")`, false).code).toBe(`f('    ', "  ")`);
});
