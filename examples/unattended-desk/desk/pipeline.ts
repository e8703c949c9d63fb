import { enableCompileCache } from 'node:module';

// A run is short and starts often: with the compiled modules kept, starting takes a third of the time. The cache must
// be on before the first module is loaded, so the program itself is imported afterwards.
enableCompileCache();
await import('./pipeline-main.ts');
