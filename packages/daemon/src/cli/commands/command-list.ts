import type { CliCommand } from '../cli-command.ts';
import { auditCommand } from './audit-command.ts';
import { configCheckCommand } from './config-check-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { executionsCommand } from './executions-command.ts';
import { initCommand } from './init-command.ts';
import { previewCommand } from './preview-command.ts';
import { runCommand } from './run-command.ts';
import { scheduleExplainCommand } from './schedule-explain-command.ts';
import { simulateCommand } from './simulate-command.ts';
import { statusCommand } from './status-command.ts';
import { pauseCommand, resetCommand, resumeCommand } from './steer-commands.ts';
import { stopCommand } from './stop-command.ts';
import { targetsCommand } from './targets-command.ts';
import { triggerCommand } from './trigger-command.ts';

/** Every command, in the order of help and reference. */
export const COMMANDS: readonly CliCommand[] = [
  initCommand,
  runCommand,
  statusCommand,
  targetsCommand,
  executionsCommand,
  triggerCommand,
  stopCommand,
  pauseCommand,
  resumeCommand,
  resetCommand,
  auditCommand,
  configCheckCommand,
  scheduleExplainCommand,
  previewCommand,
  simulateCommand,
  doctorCommand,
];
