import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { readBytesBounded } from '../files/bounded-read.ts';

/** A file that this package puts into a project. */
export interface ShippedFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly content: Buffer;
  readonly sha256: string;
}

/** Where chat agents look for skills: Claude Code and GitHub Copilot. */
const SKILL_PATHS = [
  '.claude/skills/implement-feature/SKILL.md',
  '.github/skills/implement-feature/SKILL.md',
];

/** Parts of `.blueprint/` that a project makes for itself; our own working copy has them too. */
const OWN_TO_A_PROJECT = new Set(['features', 'system_specification']);

/** Everything that `init` and `update` bring, sorted by path. */
export function readShippedFiles(packageRoot: string): Result<readonly ShippedFile[]> {
  if (!existsSync(join(packageRoot, '.blueprint'))) return fail(missing(join(packageRoot, '.blueprint')));
  const sources = [
    ...blueprintPaths(packageRoot).map((path) => ({ from: path, to: path })),
    ...SKILL_PATHS.map((path) => ({ from: 'SKILL.md', to: path })),
  ];
  const files: ShippedFile[] = [];
  for (const { from, to } of sources) {
    const read = readBytesBounded(join(packageRoot, from), 4 * 1024 * 1024);
    if (!read.ok) return read;
    if (read.value === undefined) return fail(missing(join(packageRoot, from)));
    files.push({ path: to, content: read.value, sha256: sha256(read.value) });
  }
  return ok(files.sort((left, right) => (left.path < right.path ? -1 : 1)));
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function missing(file: string): Problem {
  return {
    code: 'package-damaged',
    message: 'a part of the installed package is missing',
    file,
    hint: 'install murmur8 again',
  };
}

function blueprintPaths(packageRoot: string): string[] {
  const paths: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(join(packageRoot, directory), { withFileTypes: true })) {
      const path = `${directory}/${entry.name}`;
      if (entry.name.startsWith('.') || entry.name.endsWith('.new')) continue;
      if (directory === '.blueprint' && OWN_TO_A_PROJECT.has(entry.name)) continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) paths.push(path);
    }
  };
  walk('.blueprint');
  return paths;
}
