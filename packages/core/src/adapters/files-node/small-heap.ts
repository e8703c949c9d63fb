import v8 from 'node:v8';

/**
 * Keeps the young part of the heap of this whole process as small as it is now. Passes over very many files leave
 * short-lived objects only, and V8 would answer them with 100 MB more of memory when the machine is busy. For
 * processes that do one such pass and end.
 */
export function keepYoungHeapSmall(): void {
  // The size itself can only be given when Node starts; how fast it grows can be set at any time.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
}
