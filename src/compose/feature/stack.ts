import { type Stack, stackSchema } from '../../core/feature/stack.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { configPath, readPartial, writeConfig } from '../../edges/config/config-file.ts';
import { detectProjectStack } from '../../edges/project/detect.ts';
import type { Project } from './project.ts';

/**
 * The project's tools: what its files say, overruled by what stands in `stack-config.json`. Detected for the first
 * time it is written there, where a person can correct it.
 */
export function settleStack(
  project: Pick<Project, 'root' | 'stateDirectory'>,
  write: boolean,
): Result<Stack> {
  const partial = readPartial(project.stateDirectory, 'stack');
  if (!partial.ok) return partial;
  const detected = detectProjectStack(project.root);
  const { version: _version, ...kept } = partial.value;
  const merged = stackSchema.safeParse({ ...detected, ...kept });
  if (!merged.success) {
    const message = merged.error.issues
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; ');
    const file = configPath(project.stateDirectory, 'stack');
    return fail({
      code: 'bad-config',
      message,
      file,
      hint: 'correct it with: murmur8 stack-config set <key> <value>',
    });
  }
  if (write && Object.keys(partial.value).length === 0) {
    const written = writeConfig(project.stateDirectory, 'stack', () => ({ ...detected }));
    if (!written.ok) return written;
  }
  return ok(merged.data);
}
