import { SYSTEM_SPECIFICATION } from '../../core/feature/permission.ts';
import type { RunState } from '../../core/run/state.ts';
import type { FeatureWorld } from './world.ts';

/** Variable of a run whose alex also writes the system specification. */
export const WRITE_SYSTEM_SPECIFICATION = 'write_system_specification';

/** What alex is told beside the stage's prompt; empty where nobody asked for it. */
export function systemSpecificationTask(state: RunState, stage: string): string {
  if (!isWanted(state, stage)) return '';
  return `
## The system specification comes first

This project has no system specification, and its owner wants one. Before you specify the feature, read the code and
write ${SYSTEM_SPECIFICATION} along .blueprint/templates/SYSTEM_SPEC.md (if that file is not here, use the sections
Purpose, Users, Parts, Data, Interfaces, Qualities, Limits). Write down what is there, not what could be; mark what you
had to assume.
`;
}

/** The finding when it was wanted and is not there. */
export async function missingSystemSpecification(
  world: FeatureWorld,
  state: RunState,
  stage: string,
): Promise<string | undefined> {
  if (!isWanted(state, stage)) return undefined;
  const read = await world.files.read(SYSTEM_SPECIFICATION);
  if (read.ok && (read.value ?? '').trim() !== '') return undefined;
  return `${SYSTEM_SPECIFICATION}: the system specification that was asked for does not exist or is empty`;
}

function isWanted(state: RunState, stage: string): boolean {
  return stage === 'alex' && state.created.variables[WRITE_SYSTEM_SPECIFICATION] === 'yes';
}
