export * from './batch-execution-service.ts';
export * from './error-code-service.ts';
export * from './minimal-scheduler.ts';
