import type { Reporter, TestModule } from 'vitest/node';

/** Prints one plain last line, so that a script can read how many tests ran without parsing colours. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      const failedToLoad =
        module.state() === 'failed' && [...module.children.allTests('failed')].length === 0;
      if (failedToLoad) count.failed++;
    }
    process.stdout.write(
      `${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped\n`,
    );
  }
}
