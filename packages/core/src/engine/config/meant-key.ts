import { nearestWord } from './nearest-word.ts';

/** Words that people know from other schedulers. */
const otherWords: Readonly<Record<string, string>> = {
  schedule: 'on',
  when: 'on',
  name: 'id',
  command: 'exec',
  tz: 'timeZone',
  handler: 'run',
  dependsOn: 'after',
  needs: 'after',
  retries: 'retry',
  concurrency: 'overlap',
  catchUp: 'missed',
  misfire: 'missed',
  queue: 'pool',
  task: 'run',
};

/** Keys that are known at another place of the config than where they were written. */
interface Home {
  readonly keys: readonly string[];
  /** A key by which the place is known at which they were written. */
  readonly writtenAt: string;
  readonly remedy: (key: string) => string;
}

const ofSchedule = [
  'every',
  'cron',
  'at',
  'timeZone',
  'dayMatch',
  'dstGap',
  'mode',
  'phase',
  'spread',
  'runOnStart',
];
const ofWork = [
  'exec',
  'http',
  'isolated',
  'keep',
  'command',
  'cwd',
  'env',
  'exitCodes',
  'url',
  'module',
  'export',
];
const ofTarget = [
  'calendar',
  'window',
  'timeout',
  'after',
  'retry',
  'overlap',
  'missed',
  'pool',
  'priority',
  'jitter',
  'grace',
  'run',
];
const ofConfig = [
  'pools',
  'calendars',
  'environment',
  'instance',
  'drain',
  'checks',
  'plugins',
  'backup',
  'retention',
  'alerts',
];

const besideOn = (key: string) => `write '${key}' beside 'on', at the target itself`;
const homes: readonly Home[] = [
  {
    keys: ofSchedule,
    writtenAt: 'afterOn',
    remedy: (key) => `write it inside 'on', such as on: { ${scheduleWith(key)} }`,
  },
  {
    keys: ofWork,
    writtenAt: 'afterOn',
    remedy: (key) => `write it inside 'run', such as run: { ${workWith(key)} }`,
  },
  {
    keys: ofConfig,
    writtenAt: 'afterOn',
    remedy: (key) => `write '${key}' beside 'targets', for the whole config`,
  },
  { keys: ofTarget, writtenAt: 'runOnStart', remedy: besideOn },
  { keys: ofTarget, writtenAt: 'dayMatch', remedy: besideOn },
];

/** What to do about a key that nobody reads at its place: where it belongs, or what was most likely meant. */
export function remedyForKey(key: string, allowed: readonly string[]): string {
  const other = Object.hasOwn(otherWords, key) ? otherWords[key] : undefined;
  if (other !== undefined && allowed.includes(other)) return `did you mean '${other}'?`;
  const home = homes.find(({ keys, writtenAt }) => allowed.includes(writtenAt) && keys.includes(key));
  if (home !== undefined) return home.remedy(key);
  const near = nearestWord(key, allowed);
  return near === undefined ? 'remove the key' : `did you mean '${near}'?`;
}

function scheduleWith(key: string): string {
  if (key === 'every' || ['mode', 'phase', 'spread', 'runOnStart'].includes(key)) {
    return key === 'every' ? "every: '5m'" : `every: '5m', ${key}: …`;
  }
  if (key === 'at') return "at: 'close+5m', calendar: 'XKRX'";
  return key === 'cron' ? "cron: '0 17 * * 1-5'" : `cron: '0 17 * * 1-5', ${key}: …`;
}

function workWith(key: string): string {
  if (key === 'http' || key === 'url') return "http: 'POST https://…'";
  if (key === 'isolated' || key === 'module' || key === 'export')
    return "isolated: { module: './score.ts', export: 'score' }";
  if (key === 'keep') return "keep: 'backup'";
  const exec = "exec: ['python3', '-m', 'desk.main']";
  return key === 'exec' || key === 'command' ? exec : `${exec}, ${key}: …`;
}
