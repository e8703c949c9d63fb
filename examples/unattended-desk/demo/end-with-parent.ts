/**
 * Loaded before a program of the demo (`node --import`): asks the program to end when the process that started it is
 * gone, however it went. The operating system closes the channel between them, so nothing must be polled.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel !== undefined) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
