/** Ready-made checks: each is called with its options and goes into the config as it is. */

export {
  CHECK_BROKER_HEARTBEAT,
  CHECK_ETEDA_LOOP_LATENCY,
  CHECK_GOOGLE_SHEETS,
  CHECK_REPOSITORY_HEALTH,
} from './check-names.ts';
export {
  type BrokerBeat,
  type BrokerHeartbeatOptions,
  type BrokerPing,
  brokerHeartbeat,
} from './desk/broker-heartbeat.ts';
export type { Cycle } from './desk/cycle-record.ts';
export {
  type CycleSource,
  type EtedaLoopLatencyOptions,
  etedaLoopLatency,
} from './desk/eteda-loop-latency.ts';
export { type ExecOptions, exec } from './desk/exec.ts';
export { type HeartbeatInOptions, heartbeatIn, type Ping, type PingStore } from './desk/heartbeat-in.ts';
export { alertsOn, type NagiosRange, parseRange } from './desk/nagios-range.ts';
export { type FileAgeOptions, fileAge } from './files/file-age.ts';
export { type FileGrowthOptions, fileGrowth } from './files/file-growth.ts';
export { type LogPatternOptions, logPattern } from './files/log-pattern.ts';
export { type RepositoryHealthOptions, repositoryHealth } from './files/repository-health.ts';
export { type CpuLoadOptions, cpuLoad } from './host/cpu-load.ts';
export { type DiskOptions, disk } from './host/disk.ts';
export { type MemoryOptions, memory } from './host/memory.ts';
export { type ProcessOptions, runningProcess } from './host/process.ts';
export type { OpenSince } from './look/open-hours.ts';
export { type DnsOptions, dns } from './network/dns.ts';
export { type GoogleSheetsOptions, googleSheets } from './network/google-sheets.ts';
export { type HttpOptions, http } from './network/http.ts';
export { type PostgresOptions, postgres } from './network/postgres.ts';
export { type TcpOptions, tcp } from './network/tcp.ts';
export { type TlsExpiryOptions, tlsExpiry } from './network/tls-expiry.ts';
