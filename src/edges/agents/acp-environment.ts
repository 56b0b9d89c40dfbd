import type { AgentOrder } from '../../engine/ports.ts';
import { childEnvironment } from '../process/child-environment.ts';
import type { AcpProgram } from './acp-session.ts';
import { jobEnvironment } from './job-environment.ts';
import { providerVariables } from './provider-variables.ts';

/** The environment of an agent: what every child gets, its own variables and those of its model service. */
export function acpEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { agent }: AcpProgram,
  order: AgentOrder,
  temporaryDir: string,
): Record<string, string> {
  return childEnvironment(env, {
    ...providerVariables(env, agent, order.model),
    ...jobEnvironment(order),
    TMPDIR: temporaryDir,
  });
}
