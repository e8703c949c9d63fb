import { describe, expect, it } from 'vitest';
import { functionSizes } from './function-sizes.ts';
import { isTest, type RepositoryFile, repositoryFiles, typeScriptFiles } from './repository-files.ts';

const FILE_LINES_MAX = 300;
const TEST_FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 60;
const PARAMETERS_MAX = 3;

/** Signatures fixed by the specification, which may have more parameters. */
const FIXED_SIGNATURES: readonly string[] = [
  'addTarget', // add_target(name, interval_ms, fn, …)
  'failExecution', // fail_execution(execution_id, error_code, message, detail)
  'logBatchAction',
  'logDataCorrection',
  'logConfigChange',
];

/** Blocks of tests are as long as their tests: `describe(…)`, and `describeStore` in a contract suite. */
const TEST_BLOCK = /^describe/;

describe('the size check', () => {
  it('catches a file that is too long', () => {
    const long = { path: 'packages/a/src/b.ts', text: '\n'.repeat(FILE_LINES_MAX + 1) };
    expect(sizeOffences([long])).toEqual(['packages/a/src/b.ts: 301 lines, allowed 300']);
    expect(sizeOffences([{ ...long, path: 'packages/a/src/b.test.ts' }])).toEqual([]);
  });

  it('catches a function that is too long and one with too many parameters', () => {
    const text = `function f(a: A, b: B, c: C, d: D) {\n${'g();\n'.repeat(FUNCTION_LINES_MAX)}}\n`;
    expect(sizeOffences([{ path: 'x.ts', text }])).toEqual([
      'x.ts:1: f is 62 lines long, allowed 60',
      'x.ts:1: f has 4 parameters, allowed 3',
    ]);
  });

  it('lets a signature of the specification have more parameters', () => {
    const text = 'class S { addTarget(a: A, b: B, c: C, d: D) { return 1; } }\n';
    expect(sizeOffences([{ path: 'x.ts', text }])).toEqual([]);
  });
});

it('every file, function and parameter list of the repository is within its size', () => {
  expect(sizeOffences(typeScriptFiles(repositoryFiles()))).toEqual([]);
});

function sizeOffences(files: readonly RepositoryFile[]): string[] {
  return files.flatMap(({ path, text }) => [...fileOffences(path, text), ...functionOffences(path, text)]);
}

function fileOffences(path: string, text: string): string[] {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const allowed = holdsTests(path) ? TEST_FILE_LINES_MAX : FILE_LINES_MAX;
  return lines > allowed ? [`${path}: ${lines} lines, allowed ${allowed}`] : [];
}

function functionOffences(path: string, text: string): string[] {
  return functionSizes(text, path.endsWith('x')).flatMap(({ name, line, lines, parameters }) => {
    const offences: string[] = [];
    const isBlock = holdsTests(path) && TEST_BLOCK.test(name);
    if (lines > FUNCTION_LINES_MAX && !isBlock) {
      offences.push(`${path}:${line}: ${name} is ${lines} lines long, allowed ${FUNCTION_LINES_MAX}`);
    }
    // A callback of `it.each` takes as many values as its table has columns.
    const isTableRow = holdsTests(path) && name === 'arrow';
    if (parameters > PARAMETERS_MAX && !isTableRow && !FIXED_SIGNATURES.includes(name)) {
      offences.push(`${path}:${line}: ${name} has ${parameters} parameters, allowed ${PARAMETERS_MAX}`);
    }
    return offences;
  });
}

/** Tests with what they stand on, and the contract suites that are published for the tests of others. */
function holdsTests(path: string): boolean {
  return isTest(path) || /^packages\/[^/]+\/test\//.test(path) || path.includes('/src/testing/describe-');
}
