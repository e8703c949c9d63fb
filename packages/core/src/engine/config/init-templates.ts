/** Formats `init` can write; all three say the same. */
export type ConfigFormat = 'ts' | 'yaml' | 'json';

/** A config that runs as it is, with an instance name of 1 to 40 characters. */
export function configTemplate(format: ConfigFormat, instance: string): string {
  switch (format) {
    case 'ts':
      return typescriptTemplate(instance);
    case 'yaml':
      return yamlTemplate(instance);
    case 'json':
      return jsonTemplate(instance);
    default:
      return format satisfies never;
  }
}

const memoryScript = "console.log('free memory in MB:', Math.round(require('os').freemem() / 1048576))";
const aliveScript = "console.log('alive since', process.uptime().toFixed(3), 's')";

function typescriptTemplate(instance: string): string {
  return `// What runs here, when it runs, and how its failures are answered.
//   qts-ops config check   lists every problem of this file at once
//   qts-ops run            starts the engine; qts-tui shows it
import { cron, defineConfig, every, exec, target } from '@qts-ops/core';

export default defineConfig({
  instance: ${quoted(instance)},
  // Shown in capitals on every screen: LAB, PAPER, PROD, …
  environment: 'LAB',
  // Zone of cron expressions and of every time on a screen, such as 'Asia/Seoul'.
  timeZone: 'UTC',

  targets: [
    // A function inside the engine. It fails when it throws or returns { status: 'error' }.
    target('heartbeat', {
      title: 'Heartbeat',
      on: every('5s'),
      timeout: '30s',
      run: async ({ log, slotMs }) => {
        log(\`alive at \${new Date(slotMs ?? Date.now()).toISOString()}\`);
        return { status: 'ok' };
      },
    }),

    // A program in a process group of its own. It fails with any exit code but 0.
    target('memory', {
      title: 'Free memory',
      on: cron('* * * * *'),
      timeout: '30s',
      // Three failures in a row suspend the target; after the cooldown one probe decides.
      maxConsecutiveErrors: 3,
      cooldown: '5m',
      run: exec('node', ['-e', ${JSON.stringify(memoryScript)}]),
      // Secrets are named, never written: run: exec('python', ['main.py'], { env: { TOKEN: { env: 'BROKER_TOKEN' } } })
    }),
  ],
});
`;
}

function yamlTemplate(instance: string): string {
  return `# What runs here, when it runs, and how its failures are answered.
#   qts-ops config check   lists every problem of this file at once
#   qts-ops run            starts the engine; qts-tui shows it
instance: ${quoted(instance)}
# Shown in capitals on every screen: LAB, PAPER, PROD, …
environment: LAB
# Zone of cron expressions and of every time on a screen, such as Asia/Seoul.
timeZone: UTC

targets:
  # A program in a process group of its own. It fails with any exit code but 0.
  - id: heartbeat
    title: Heartbeat
    on: { every: 5s }
    timeout: 30s
    run:
      exec: ['node', '-e', ${JSON.stringify(aliveScript)}]

  - id: memory
    title: Free memory
    # Expressions stand in quotes: * means something else in YAML.
    on: { cron: '* * * * *' }
    timeout: 30s
    # Three failures in a row suspend the target; after the cooldown one probe decides.
    maxConsecutiveErrors: 3
    cooldown: 5m
    run:
      exec: ['node', '-e', ${JSON.stringify(memoryScript)}]
      # Secrets are named, never written.
      # env: { TOKEN: { env: BROKER_TOKEN } }
`;
}

function jsonTemplate(instance: string): string {
  const config = {
    instance,
    environment: 'LAB',
    timeZone: 'UTC',
    targets: [
      {
        id: 'heartbeat',
        title: 'Heartbeat',
        on: { every: '5s' },
        timeout: '30s',
        run: { exec: ['node', '-e', aliveScript] },
      },
      {
        id: 'memory',
        title: 'Free memory',
        on: { cron: '* * * * *' },
        timeout: '30s',
        maxConsecutiveErrors: 3,
        cooldown: '5m',
        run: { exec: ['node', '-e', memoryScript] },
      },
    ],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** A name as both YAML and TypeScript read it. */
function quoted(name: string): string {
  return `'${name}'`;
}
