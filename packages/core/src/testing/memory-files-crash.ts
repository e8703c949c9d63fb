import { spreadFraction } from '../kernel/ids.ts';
import { applyToDisk, type MemoryNode, type MemoryTree, type NodeState } from './memory-files-tree.ts';

/**
 * What a loss of power leaves of changes that were never synced. `lose`: nothing. `names`: every name, no content:
 * files that look complete and are empty. `contents`: every content, no name. `keep`: everything, as after the death
 * of the process alone. A number: a seeded choice for each change, with torn contents.
 */
export type CrashLoss = 'lose' | 'names' | 'contents' | 'keep' | number;

const PAGE_BYTES = 4096;

/** Replaces what processes saw by what a loss of power leaves. */
export function crashTree(tree: MemoryTree, loss: CrashLoss): void {
  const nodes = everyNode(tree);
  tree.pending.forEach((change, index) => {
    if (nameSurvives(loss, index)) applyToDisk(change);
  });
  tree.pending = [];
  for (const node of nodes) {
    node.now = survivingState(node, loss);
    node.synced = node.now;
    node.nlink = 0;
    node.names.clear();
    for (const [name, child] of node.syncedNames) node.names.set(name, child);
  }
  for (const node of nodes) for (const child of node.names.values()) child.nlink += 1;
}

/** Every inode that has a name now, on the disk, or in a change between the two. */
function everyNode(tree: MemoryTree): ReadonlySet<MemoryNode> {
  const found = new Set<MemoryNode>([tree.root]);
  for (const { parts } of tree.pending) {
    for (const { node } of parts) if (node !== undefined) found.add(node);
  }
  // A set visits what is added while it is walked.
  for (const node of found) {
    for (const child of node.names.values()) found.add(child);
    for (const child of node.syncedNames.values()) found.add(child);
  }
  return found;
}

function nameSurvives(loss: CrashLoss, index: number): boolean {
  if (typeof loss === 'number') return spreadFraction('name', String(loss), String(index)) < 0.5;
  return loss === 'names' || loss === 'keep';
}

function survivingState(node: MemoryNode, loss: CrashLoss): NodeState {
  const synced = node.synced ?? { ...node.now, bytes: new Uint8Array() };
  if (node.kind !== 'file') return node.now;
  if (loss === 'keep' || loss === 'contents') return node.now;
  if (typeof loss !== 'number') return synced;
  const fate = spreadFraction('content', String(loss), String(node.ino));
  if (fate < 0.34) return synced;
  return fate < 0.67 ? node.now : tornState(node.now, synced, `${loss}:${node.ino}`);
}

/** The new length, but each page is the new one, the old one or zeros. */
function tornState(now: NodeState, synced: NodeState, seed: string): NodeState {
  const bytes = new Uint8Array(now.bytes.length);
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
    const fate = spreadFraction('page', seed, String(at));
    const source = fate < 0.5 ? now.bytes : synced.bytes;
    bytes.set(source.subarray(at, Math.min(at + PAGE_BYTES, bytes.length)), at);
  }
  return { ...now, bytes };
}
