export { email } from './email.ts';
export type { EmailOptions } from './email-options.ts';
