import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/** Lines of a message that are shown: what was expected, what was seen and the difference of both. */
const MESSAGE_LINES = 30;
/** So many failures are shown whole; of the others the last lines hold the names. */
const SHOWN_WHOLE = 10;

/** What is shown of one failure. */
interface Failure {
  readonly name: string;
  readonly errors: readonly { readonly message: string; readonly diff?: string | undefined }[];
}

/**
 * Says at the very end which tests failed and with what difference, as plain text, and one last line from which a script
 * can read how many tests ran. Who sees only the end of a log sees the reason.
 */
export default class ClosingLine implements Reporter {
  #root = '';

  onInit(vitest: Vitest): void {
    this.#root = `${vitest.config.root}/`;
  }

  onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    unhandled: ReadonlyArray<{ readonly message: string }> = [],
  ): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const failures: Failure[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      const failed = [...module.children.allTests('failed')];
      failures.push(...failed.map((test) => this.#failureOf(test)));
      if (module.state() === 'failed' && failed.length === 0) {
        count.failed++;
        failures.push({ name: this.#placeOf(module), errors: module.errors() });
      }
    }
    if (unhandled.length > 0) failures.push({ name: 'errors that no test caught', errors: unhandled });
    process.stdout.write(`${closingText(failures)}${lastLine(count)}\n`);
  }

  #failureOf(test: TestCase): Failure {
    return { name: `${this.#placeOf(test.module)} > ${test.fullName}`, errors: test.result().errors ?? [] };
  }

  #placeOf({ moduleId }: TestModule): string {
    return moduleId.replace(this.#root, '');
  }
}

function closingText(failures: readonly Failure[]): string {
  if (failures.length === 0) return '';
  const whole = failures.slice(0, SHOWN_WHOLE).map(({ name, errors }) => {
    const texts = errors.map(({ message, diff }) =>
      shortened(diff === undefined ? message : `${message}\n${diff}`),
    );
    return `failed: ${name}\n${texts.join('\n')}\n`;
  });
  const names = failures.slice(SHOWN_WHOLE).map(({ name }) => `failed: ${name}\n`);
  return `\n${[...whole, ...names].join('\n')}\n`;
}

function shortened(text: string): string {
  const lines = stripVTControlCharacters(text).trimEnd().split('\n');
  const shown = lines.slice(0, MESSAGE_LINES).map((line) => `  ${line}`);
  if (lines.length > MESSAGE_LINES) shown.push(`  … ${lines.length - MESSAGE_LINES} more lines`);
  return shown.join('\n');
}

function lastLine(count: Readonly<Record<'passed' | 'failed' | 'skipped' | 'pending', number>>): string {
  return `${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`;
}
