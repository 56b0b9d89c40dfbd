import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentRole, parseAgentRole } from '../../core/agent-role.ts';
import { nearestTo } from '../../core/nearest.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import { findPackage } from './package-root.ts';

/** What a blueprint consists of; each is a directory in `.blueprint/`. */
export type BlueprintKind = 'agents' | 'prompts' | 'templates' | 'pipelines' | 'templates/pipelines';

export interface BlueprintFile {
  readonly text: string;
  /** Absolute. */
  readonly file: string;
  readonly origin: BlueprintOrigin;
}

/** `project`: the user's copy in `.blueprint/`; `claude-code`: an agent in `.claude/agents/`; `shipped`: ours. */
export type BlueprintOrigin = 'project' | 'claude-code' | 'shipped';

export interface BlueprintEntry {
  readonly kind: BlueprintKind;
  /** Without its ending. */
  readonly name: string;
  readonly file: string;
  readonly origin: BlueprintOrigin;
}

/** Agents, prompts, templates and pipelines; the user's copy stands before the shipped one. */
export interface Blueprint {
  agent(name: string): Promise<Result<AgentRole>>;
  prompt(name: string): Promise<Result<string>>;
  template(name: string): Promise<Result<string>>;
  /** Text of `pipelines/<name>.yaml`. */
  pipeline(name: string): Promise<Result<string>>;
  /** Any of them, with the place it was found at. */
  find(kind: BlueprintKind, name: string): Promise<Result<BlueprintFile>>;
  /** Everything that can be found, each name once, with the copy that counts. */
  list(): Promise<readonly BlueprintEntry[]>;
}

/** Opens the blueprint of a project. `shippedRoot` is the directory of the package, looked for when something is. */
export function createBlueprint(projectRoot: string, shippedRoot?: string): Blueprint {
  let packageRoot = shippedRoot;
  const shipped = (): string => {
    packageRoot ??= findPackage().root;
    return packageRoot;
  };
  const blueprint: Blueprint = {
    async agent(name) {
      const found = await blueprint.find('agents', name);
      return found.ok ? parseAgentRole(found.value.text, { name, file: found.value.file }) : found;
    },
    prompt: (name) => textOf('prompts', name),
    template: (name) => textOf('templates', name),
    pipeline: (name) => textOf('pipelines', name),
    async find(kind, name) {
      if (!NAME.test(name)) {
        return fail({
          code: 'bad-name',
          message: `${JSON.stringify(name)} cannot be the name of ${NOUNS[kind]}`,
        });
      }
      for (const place of placesOf(kind, projectRoot, shipped())) {
        for (const ending of ENDINGS[kind]) {
          const file = join(place.directory, `${name}${ending}`);
          const read = readTextBounded(file, MAX_BYTES);
          if (!read.ok) return read;
          if (read.value !== undefined) return ok({ text: read.value, file, origin: place.origin });
        }
      }
      return fail({
        code: 'not-found',
        message: `there is no ${NOUNS[kind]} named ${name}`,
        hint: `${meant(kind, name)}put ${name}${ENDINGS[kind][0]} into .blueprint/${kind}/, or use one of: ${known(kind)}`,
      });
    },
    list: async () => KINDS.flatMap((kind) => entriesOf(kind)),
  };

  async function textOf(kind: BlueprintKind, name: string): Promise<Result<string>> {
    const found = await blueprint.find(kind, name);
    return found.ok ? ok(found.value.text) : found;
  }

  function entriesOf(kind: BlueprintKind): BlueprintEntry[] {
    const entries = new Map<string, BlueprintEntry>();
    for (const { directory, origin } of placesOf(kind, projectRoot, shipped())) {
      for (const fileName of fileNames(directory)) {
        const ending = ENDINGS[kind].find((candidate) => fileName.endsWith(candidate));
        if (ending === undefined) continue;
        const name = fileName.slice(0, -ending.length);
        if (!NAME.test(name) || entries.has(name)) continue;
        entries.set(name, { kind, name, file: join(directory, fileName), origin });
      }
    }
    return [...entries.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  function known(kind: BlueprintKind): string {
    return (
      entriesOf(kind)
        .map((entry) => entry.name)
        .join(', ') || '(there are none)'
    );
  }

  function meant(kind: BlueprintKind, name: string): string {
    const nearest = nearestTo(
      name,
      entriesOf(kind).map((entry) => entry.name),
    );
    return nearest === undefined ? '' : `did you mean ${nearest}? otherwise `;
  }

  return blueprint;
}

const NOUNS: Readonly<Record<BlueprintKind, string>> = {
  agents: 'agent',
  prompts: 'prompt',
  templates: 'template',
  pipelines: 'pipeline',
  'templates/pipelines': 'pipeline template',
};
const KINDS: readonly BlueprintKind[] = [
  'agents',
  'prompts',
  'templates',
  'pipelines',
  'templates/pipelines',
];
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const MAX_BYTES = 1024 * 1024;
const ENDINGS: Readonly<Record<BlueprintKind, readonly string[]>> = {
  agents: ['.md'],
  prompts: ['.md'],
  templates: ['.md'],
  pipelines: ['.yaml', '.yml'],
  'templates/pipelines': ['.yaml', '.yml'],
};

function placesOf(
  kind: BlueprintKind,
  projectRoot: string,
  shippedRoot: string,
): readonly { readonly directory: string; readonly origin: BlueprintOrigin }[] {
  return [
    { directory: join(projectRoot, '.blueprint', kind), origin: 'project' },
    ...(kind === 'agents'
      ? [{ directory: join(projectRoot, '.claude/agents'), origin: 'claude-code' as const }]
      : []),
    { directory: join(shippedRoot, '.blueprint', kind), origin: 'shipped' },
  ];
}

function fileNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // A project need not have a copy of anything.
    return [];
  }
}
