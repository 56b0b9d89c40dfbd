import type { ProjectCommands } from './project-commands.ts';
import { yamlScalar } from './yaml-scalar.ts';

export interface TemplateContext {
  readonly commands: ProjectCommands;
  /** Who agrees at gates. */
  readonly user: string;
  /** Path of the JSON Schema as seen from the new file; absent where there is none. */
  readonly schema?: string;
}

/** What the placeholders of a pipeline template stand for, whichever of them it uses. */
export function templateValues(context: TemplateContext): Readonly<Record<string, string>> {
  const { commands, user, schema } = context;
  return {
    editor: editorLine(schema),
    approver: yamlScalar(user),
    ...Object.fromEntries(
      CHECKS.map(({ name, agent, task }) => [name, work(commands[name], { agent, task })]),
    ),
  };
}

/** What was chosen for the placeholders that a template uses, one line each, for whoever asked for the file. */
export function templateNotes(context: TemplateContext, used: readonly string[]): readonly string[] {
  const checks = CHECKS.filter(({ name }) => used.includes(name)).map(({ name, agent }) => {
    const command = context.commands[name];
    return command === undefined
      ? `${name}: this project's files name no command for it, so the agent ${agent} does it`
      : `${name}: ${command}`;
  });
  const approver = used.includes('approver')
    ? [`approvers: ${yamlScalar(context.user)}; add whoever else has to agree`]
    : [];
  return [...checks, ...approver];
}

const CHECKS = [
  {
    name: 'lint',
    agent: 'linter',
    task: 'Hold the code against the rules that this project has set itself, and report every finding',
  },
  {
    name: 'test',
    agent: 'regression-tester',
    task: 'Run all tests of this project and report every one that fails',
  },
  {
    name: 'build',
    agent: 'builder',
    task: 'Build what this project ships and check that it is there',
  },
] as const;

function work(command: string | undefined, agent: { readonly agent: string; readonly task: string }): string {
  if (command === undefined) return `agent: ${agent.agent}\ntask: ${yamlScalar(agent.task)}`;
  // The command is the shell's: `${x}` in it is no reference to a variable of the pipeline.
  return `run: ${yamlScalar(command.replaceAll(`\${`, () => `$\${`))}`;
}

/** The mark by which editors find the schema has to stand at the beginning of a comment, and only with a true path. */
function editorLine(schema: string | undefined): string {
  return schema !== undefined && /^\S+$/.test(schema)
    ? `# yaml-language-server: $schema=${schema}`
    : '# Editors complete and check this file once murmur8 is installed in the project and this file is made anew.';
}
