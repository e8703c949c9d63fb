import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jsonLogger, silentLogger } from '../logger-json/json-logger.ts';
import { LogOnlyAlertChannel } from './log-only-alert-channel.ts';

it('critical and warning texts appear at their levels with the prefixes operators search for', () => {
  const lines: string[] = [];
  const logger = jsonLogger({ clock: { now: () => 0 }, write: (line) => lines.push(line), secrets: [] });
  const channel = new LogOnlyAlertChannel(logger);
  channel.sendCritical('target pipeline suspended');
  channel.sendWarning('target pipeline recovered');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'error', message: 'ALERT CRITICAL: target pipeline suspended' },
    { level: 'warn', message: 'ALERT WARNING: target pipeline recovered' },
  ]);
});

it('the logger leaves out what is below its level, and each line is one line', () => {
  const lines: string[] = [];
  const logger = jsonLogger({
    clock: { now: () => 0 },
    write: (line) => lines.push(line),
    secrets: [],
    level: 'warn',
  });
  logger.debug('a');
  logger.info('b');
  logger.warn('two\nlines', { text: 'two\nlines' });
  logger.error('d');
  silentLogger.error('nobody hears this');
  expect(lines).toHaveLength(2);
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
});

it('a reader of standard error that has gone away does not end the process', () => {
  const module = join(import.meta.dirname, '../logger-json/standard-error.ts');
  const script = `
    import { writeStandardError } from ${JSON.stringify(module)};
    for (let line = 0; line < 2000; line++) writeStandardError('x'.repeat(1000) + '\\n');
    setTimeout(() => { writeStandardError('still here\\n'); process.stdout.write('alive'); }, 50);
  `;
  const command = `exec 3>&1; "$0" --input-type=module-typescript -e "$1" 2>&1 1>&3 | head -c 10 >/dev/null`;
  const { stdout } = spawnSync('/bin/sh', ['-c', command, process.execPath, script], { encoding: 'utf8' });
  expect(stdout).toBe('alive');
});
