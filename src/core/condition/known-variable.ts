import { parseReference } from '../variable/reference.ts';
import type { Lookup } from '../variable/substitute.ts';
import type { KnownVariable } from './fact-tests.ts';

/**
 * The variables that a condition can ask for, by what would stand between `${` and `}`: so `stages.build.outputs.kind`
 * is an output of a stage before it.
 */
export function variablesFrom(lookup: Lookup): KnownVariable {
  return (name) => {
    const reference = parseReference(name);
    const value = reference.ok ? lookup(reference.value) : undefined;
    return value === undefined ? undefined : { value };
  };
}
