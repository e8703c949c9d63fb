import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { playStory } from './alert-stage.ts';
import { alertStories } from './alert-story.ts';

/*
 * Plays many stories of alerts, acknowledgements, silences, outages, restarts under other configs, and clocks that are set, and ends with the
 * smallest one in which a promise was broken:
 * node --conditions=@qts-ops/source packages/core/sim/alert-stories.ts --runs 2000 [--seed 1] [--path P]
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    path: { type: 'string' },
  },
});
let [stories, messages, episodes] = [0, 0, 0];
const details = await fc.check(
  fc.asyncProperty(alertStories, async (steps) => {
    const result = await playStory(steps);
    stories += 1;
    messages += result.messages;
    episodes += result.episodes;
    if (result.findings.length > 0) throw new Error(result.findings.slice(0, 20).join('\n'));
  }),
  {
    numRuns: Number(values.runs),
    seed: Number(values.seed),
    ...(values.path === undefined ? {} : { path: values.path }),
  },
);
process.stdout.write(`${stories} stories, ${episodes} episodes, ${messages} messages\n`);
if (details.failed) {
  process.stdout.write(
    `seed ${details.seed}, path ${details.counterexamplePath}:\n${JSON.stringify(details.counterexample?.[0], undefined, 1)}\n` +
      `${String(details.errorInstance)}\n`,
  );
  process.exitCode = 1;
}
