import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/**
 * Opens a file to be read. Opening a named pipe would wait for a writer, with a thread of the process, for ever.
 * @throws the error of the system; an error for what is no ordinary file.
 */
export async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if ((await file.stat()).isFile()) return file;
    throw new Error('is no ordinary file');
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Keys, certificates and pid files are not longer. */
const SMALL_MAX_BYTES = 1_048_576;

/**
 * The text of a file that is small by its nature.
 * @throws the error of the system; an error for what is no ordinary file, or too long to be meant.
 */
export async function readSmallFile(path: string): Promise<string> {
  await using file = await openFile(path);
  const bytes = Buffer.alloc(SMALL_MAX_BYTES + 1);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
  if (bytesRead > SMALL_MAX_BYTES) throw new Error('has more than 1 MiB, too much for what it should hold');
  return bytes.toString('utf8', 0, bytesRead);
}
