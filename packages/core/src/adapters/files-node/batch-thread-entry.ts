/** Entry of a thread that writes files, see `nodeFileBatches`. */
import { serveBatches } from './batch-serving.ts';
import { nodeKeepFiles } from './keep-files.ts';

serveBatches(nodeKeepFiles());
