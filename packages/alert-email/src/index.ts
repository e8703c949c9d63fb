export { emailChannel } from './email-channel.ts';
export { emailErrors } from './email-errors.ts';
export { type AlertLevel, type EmailMessage, toEmailMessage } from './email-message.ts';
export { type EmailOptions, EmailOptionsSchema, type SmtpOptions } from './email-options.ts';
