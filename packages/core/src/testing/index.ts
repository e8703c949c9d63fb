/** What tests of this project and of plugins stand on; needs vitest. */

export * from './contract.ts';
export { createTestOps, type TestOps, type TestOpsOptions } from './create-test-ops.ts';
export { describeAlertChannel } from './describe-alert-channel.ts';
export { describeHealthCheck } from './describe-health-check.ts';
export { describeOpsClient, type OpsDoor } from './describe-ops-client.ts';
export { describeOpsClientKeep } from './describe-ops-client-keep.ts';
export { describeStore } from './describe-store.ts';
export {
  everyMs,
  type HeldRun,
  HeldWork,
  obedientWork,
  testErrorPolicy,
  testTarget,
} from './test-targets.ts';
export { VIRTUAL_START_MS, VirtualClock } from './virtual-clock.ts';
