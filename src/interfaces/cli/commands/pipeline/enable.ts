import { setEnabledByCommand } from '../../report/pipeline/switch.ts';

/** `pipeline enable <name>`: its triggers start runs again; a second time it says that nothing changed. */
export function main(argv: readonly string[]): Promise<number> {
  return setEnabledByCommand(true, 'let a pipeline start by its triggers', argv);
}
