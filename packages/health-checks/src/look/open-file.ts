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
