import type { CliCommand } from '../cli-command.ts';
import { ALERTS_COMMANDS } from './alerts-commands.ts';
import { SILENCE_COMMANDS } from './alerts-silence-commands.ts';
import { auditCommand } from './audit-command.ts';
import { backupCommands } from './backup-command.ts';
import { backupKeepCommands } from './backup-keep-commands.ts';
import { configCheckCommand } from './config-check-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { drillCommand } from './drill-command.ts';
import { executionsCommand } from './executions-command.ts';
import { HEALTH_COMMANDS } from './health-commands.ts';
import { healthcheckCommand } from './healthcheck-command.ts';
import { heartbeatCommand } from './heartbeat-command.ts';
import { initCommand } from './init-command.ts';
import { maintenanceCommands } from './maintenance-command.ts';
import { previewCommand } from './preview-command.ts';
import { restoreCommand } from './restore-command.ts';
import { retentionExplainCommand } from './retention-command.ts';
import { retentionHoldCommands } from './retention-hold-commands.ts';
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
  ...ALERTS_COMMANDS,
  ...SILENCE_COMMANDS,
  ...HEALTH_COMMANDS,
  healthcheckCommand,
  heartbeatCommand,
  auditCommand,
  ...backupCommands,
  ...backupKeepCommands,
  restoreCommand,
  drillCommand,
  ...maintenanceCommands,
  retentionExplainCommand,
  ...retentionHoldCommands,
  configCheckCommand,
  scheduleExplainCommand,
  previewCommand,
  simulateCommand,
  doctorCommand,
];
