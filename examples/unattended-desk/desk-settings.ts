import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';

/** How this desk is looked after: read from DESK_* variables by the config and by everything it starts. */
export interface DeskSettings {
  /** Folder of the desk's records; each stream of bars has its own. */
  readonly dataDir: string;
  /** Folder of all streams: what is backed up. */
  readonly deskDir: string;
  readonly backupDir: string;
  /** Where full drills restore into. */
  readonly drillDir: string;
  /** Folder of the pages made from the records. */
  readonly reportDir: string;
  readonly brokerSocketPath: string;
  /** File of real bars; absent: bars are generated. */
  readonly barsPath?: string;
  /** True when the desk's own loop works outside: it is watched, and no pipeline target is scheduled. */
  readonly isLoopOutside: boolean;
  /** Distance of the pipeline's slots, such as `5s`. */
  readonly pipelineEvery: string;
  /** Bars per run of the pipeline. */
  readonly batch: string;
  /** Port of a mail server on this machine; absent: no mail is sent. */
  readonly smtpPort?: number;
  /** True when DESK_SLACK_URL holds the address of a Slack webhook. */
  readonly hasSlack: boolean;
  /** Wait after each bar in milliseconds, so that progress can be watched. */
  readonly paceMs: string;
}

const LONGEST_SOCKET_PATH = 100;

/**
 * DESK_HOME (default: `.qts-ops` beside this file), DESK_BARS (a file), DESK_LOOP (`outside`), DESK_EVERY (`5s`),
 * DESK_BATCH (20), DESK_PACE_MS (150), DESK_SMTP_PORT and DESK_SLACK_URL (alerts leave the machine only when they are
 * given). Relative paths start in this folder, as
 * in the config, because the programs that read them start in different ones.
 */
export function deskSettings(env: Readonly<Record<string, string | undefined>>): DeskSettings {
  const given = (name: string) => (env[name] === '' ? undefined : env[name]);
  const home = resolve(import.meta.dirname, given('DESK_HOME') ?? '.qts-ops');
  const bars = given('DESK_BARS');
  const smtpPort = given('DESK_SMTP_PORT');
  return {
    dataDir: join(home, 'desk', bars === undefined ? 'generated' : `bars-${basename(bars, extname(bars))}`),
    deskDir: join(home, 'desk'),
    backupDir: join(home, 'backups'),
    drillDir: join(home, 'drill'),
    reportDir: join(home, 'reports'),
    brokerSocketPath: brokerSocketPath(home),
    ...(bars === undefined ? {} : { barsPath: resolve(import.meta.dirname, bars) }),
    isLoopOutside: given('DESK_LOOP') === 'outside',
    ...(smtpPort === undefined ? {} : { smtpPort: Number(smtpPort) }),
    hasSlack: given('DESK_SLACK_URL') !== undefined,
    pipelineEvery: given('DESK_EVERY') ?? '5s',
    batch: given('DESK_BATCH') ?? '20',
    paceMs: given('DESK_PACE_MS') ?? '150',
  };
}

/** Arguments of Node that run the desk's pipeline on its stream. */
export function pipelineArguments({
  dataDir,
  barsPath,
}: Pick<DeskSettings, 'dataDir' | 'barsPath'>): readonly string[] {
  const program = join(import.meta.dirname, 'desk', 'pipeline.ts');
  return [program, '--data', dataDir, ...(barsPath === undefined ? [] : ['--bars', barsPath])];
}

/** Beside the data, or in the folder for temporary files where that path is too long for a socket. */
function brokerSocketPath(home: string): string {
  const direct = join(home, 'broker.sock');
  if (Buffer.byteLength(direct) <= LONGEST_SOCKET_PATH) return direct;
  const short = createHash('sha256').update(home).digest('hex').slice(0, 12);
  return join(tmpdir(), `desk-broker-${short}.sock`);
}
