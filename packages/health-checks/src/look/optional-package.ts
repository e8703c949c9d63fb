import { codeOf } from './trouble.ts';

/** A client library that only one kind of check needs is not installed. */
export class MissingPackage extends Error {
  constructor(name: string) {
    super(`the package ${name} is not installed; install it with: npm install ${name}`);
  }
}

/**
 * Loads a client library when it is first needed.
 * @throws MissingPackage when it is not installed; another error when it is there and cannot be loaded.
 */
export async function loadOptional<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const isMissing = codeOf(error) === 'ERR_MODULE_NOT_FOUND' && String(error).includes(`'${name}'`);
    throw isMissing ? new MissingPackage(name) : error;
  }
}
