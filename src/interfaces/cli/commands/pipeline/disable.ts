import { setEnabledByCommand } from '../../report/pipeline/switch.ts';

/** `pipeline disable <name>`: no event and no schedule starts a run of it; a second time it says that nothing changed. */
export function main(argv: readonly string[]): Promise<number> {
  return setEnabledByCommand(false, 'keep a pipeline from starting by itself', argv);
}
