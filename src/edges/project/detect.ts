import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectFacts, Stack } from '../../core/feature/stack.ts';
import { detectStack } from '../../core/feature/stack-detection.ts';
import { readTextBounded } from '../files/bounded-read.ts';

const MAX_MANIFEST_BYTES = 4 << 20;

/** What the files in a project's root say about its language and tools. */
export function detectProjectStack(root: string): Stack {
  const { present, names } = projectFacts(root);
  return detectStack(present, names);
}

/** The files in a project's root, for whatever is to be told from them. */
export function projectFacts(root: string): ProjectFacts {
  return {
    present: (path) => {
      const read = readTextBounded(join(root, path), MAX_MANIFEST_BYTES);
      return read.ok ? read.value : undefined;
    },
    names: readdirSync(root),
  };
}
