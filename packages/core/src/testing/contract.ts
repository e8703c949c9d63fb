/** The contracts of channels and checks as cases for any test runner; needs nothing but core. */

export {
  assertHidden,
  CONTRACT_NOW_MS,
  type ContractCase,
  type WrongOptions,
} from './contract-case.ts';
export {
  type AlertChannelContract,
  type AlertReceiver,
  alertChannelCases,
  type ReceivedNotice,
  type ReceiverBehaviour,
} from './describe-alert-channel-cases.ts';
export {
  type HealthCheckContract,
  healthCheckCases,
  type LookedAt,
  type LookedAtState,
} from './describe-health-check-cases.ts';
export {
  HTTP_BEHAVIOURS,
  type HttpAnswers,
  type ReceivedRequest,
  startHttpReceiver,
} from './http-receiver.ts';
export { LOOPBACK_CERTIFICATE } from './loopback-certificate.ts';
export { type ChannelSurroundings, type OpenChannel, openChannel } from './open-channel.ts';
export { type CaseOutcome, runCases } from './run-cases.ts';
export { sampleNotice } from './sample-notice.ts';
