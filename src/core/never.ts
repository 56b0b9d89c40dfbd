/** Marks a branch that the types rule out; reaching it is a bug in this program. */
export function unreachable(value: never): never {
  throw new Error(`unreachable value: ${JSON.stringify(value)}`);
}
