import { join } from 'node:path';

/** Where telemetry keeps what it must not forget, below the state directory. */
export interface TelemetryPaths {
  readonly stateDir: string;
  readonly outbox: string;
  readonly queue: string;
  readonly state: string;
}

export function telemetryPaths(stateDir: string): TelemetryPaths {
  return {
    stateDir,
    outbox: join(stateDir, 'telemetry-outbox'),
    queue: join(stateDir, 'telemetry-failed.json'),
    state: join(stateDir, 'telemetry-state.json'),
  };
}
