import { writeFileSync } from 'node:fs';
import { referencePages } from './reference-pages.ts';

// node --conditions=@qts-ops/source packages/daemon/test/write-reference.ts
for (const { file, text } of referencePages()) writeFileSync(file, text);
