import type { Result } from '../core/result.ts';
import { configPath, readConfig } from '../edges/config/config-file.ts';
import { resetConfig, setConfigKey } from '../edges/config/edit.ts';
import type { ConfigKind, ConfigOf } from '../edges/config/kinds.ts';
import { stateDirectory } from '../edges/files/state-directory.ts';

export type { ConfigKind, ConfigOf } from '../edges/config/kinds.ts';

/** One configuration file of the project around a directory. */
export interface ConfigEditor<Kind extends ConfigKind> {
  readonly path: string;
  read(): Result<ConfigOf<Kind>>;
  set(key: string, value: string): Result<ConfigOf<Kind>>;
  /** One key, or all of them. */
  reset(key?: string): Result<ConfigOf<Kind>>;
}

/** `stateDirOption` is `--state-dir` as given. */
export function openConfig<Kind extends ConfigKind>(
  kind: Kind,
  cwd: string,
  stateDirOption: string | undefined,
): ConfigEditor<Kind> {
  const stateDir = stateDirectory(cwd, stateDirOption);
  return {
    path: configPath(stateDir, kind),
    read: () => readConfig(stateDir, kind),
    set: (key, value) => setConfigKey(stateDir, kind, key, value),
    reset: (key) => resetConfig(stateDir, kind, key),
  };
}
