/** Memory of this length or more belongs to one block alone; a smaller piece may lie where others lie too, bytes. */
const OWN_MEMORY_BYTES = 256 * 1024;

/**
 * Gives the memory of a block back at once; nobody may look at it any more. Left to the collector, which is not told
 * how long blocks are, dead blocks would be most of the memory that a pass takes.
 */
export function freeBlock({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= OWN_MEMORY_BYTES) buffer.transfer(0);
}
