import { parentPort } from 'node:worker_threads';
import { matchLines, type PatternTask } from './pattern-rules.ts';

parentPort?.on('message', (task: PatternTask) => {
  // From here on it is the expression that takes its time, not the start of the thread.
  parentPort?.postMessage('begun');
  parentPort?.postMessage(matchLines(task));
});
