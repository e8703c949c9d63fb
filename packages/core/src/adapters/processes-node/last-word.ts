import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { redact, type Secret } from '../../kernel/secret.ts';
import type { LastWord, RunOrigin } from '../../ports/processes.ts';
import { functionOrigin } from './function-context.ts';
import { selfIdentity } from './process-facts.ts';

/** Why the last engine of a state folder died, if an error that nobody caught ended it. */
const LAST_WORD_FILE = 'last-word.json';
const MESSAGE_MAX_CHARACTERS = 500;

const OriginSchema = z.object({ executionId: z.string(), targetId: z.string() });
const LastWordSchema = z.object({
  owner: z.object({ host: z.string(), bootId: z.string(), pid: z.number(), startTick: z.number() }),
  atMs: z.number(),
  message: z.string(),
  origin: OriginSchema.optional(),
});

/** What a dying engine knows. */
export interface Dying {
  readonly stateFolder: string;
  readonly error: unknown;
  readonly secrets: readonly Secret[];
}

/**
 * Leaves a note for the next start while an error that nobody caught ends this process; returns whose function threw
 * it, if one did. Never throws, and waits for nothing: there is no later.
 */
export function leaveLastWord({ stateFolder, error, secrets }: Dying): RunOrigin | undefined {
  const origin = functionOrigin();
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  try {
    const word: LastWord = {
      owner: selfIdentity(),
      atMs: Date.now(),
      message: redact(text, secrets).slice(0, MESSAGE_MAX_CHARACTERS),
      ...(origin === undefined ? {} : { origin }),
    };
    writeFileSync(join(stateFolder, LAST_WORD_FILE), JSON.stringify(word), { mode: 0o600 });
  } catch {
    // A full disk must not hide the error that ends the engine.
  }
  return origin;
}

/** The note of the last engine that died of an error; absent when there is none that can be read. */
export function readLastWord(stateFolder: string): LastWord | undefined {
  try {
    const { origin, ...word } = LastWordSchema.parse(
      JSON.parse(readFileSync(join(stateFolder, LAST_WORD_FILE), 'utf8')),
    );
    return { ...word, ...(origin === undefined ? {} : { origin }) };
  } catch {
    return undefined;
  }
}
