export * from './backup-manager.ts';
export * from './backup-strategies.ts';
export * from './batch-execution-service.ts';
export * from './check-names.ts';
export * from './error-code-service.ts';
export * from './health-monitor.ts';
export * from './minimal-scheduler.ts';
