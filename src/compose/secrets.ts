import { secretValues } from '../core/agent/mask.ts';
import { secretsInFilesOf } from '../edges/project/secret-files.ts';

/**
 * Values that must never be written anywhere: secret-looking variables of this process, and those in `.env`, `.env.*` and
 * `.npmrc` of the project.
 *
 * @param root of another working tree of the project, in which agents work
 */
export function projectSecrets(mainRoot: string, root: string = mainRoot): readonly string[] {
  const files = [...new Set([mainRoot, root])].flatMap(secretsInFilesOf);
  return [...new Set([...secretValues(process.env), ...files])];
}
