/** Preloaded by child processes of the engine: the modules they run are given the running copy, as configs are. */
import { shareRunningCopy } from './resolve-hook.ts';

shareRunningCopy();
