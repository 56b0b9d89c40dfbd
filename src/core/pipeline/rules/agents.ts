import { nearestTo } from '../../nearest.ts';
import type { AuthoredRollback, AuthoredStage } from '../authored.ts';
import type { PipelineContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import { errorAt, type Finding, type Path, warningAt } from '../finding.ts';
import { quoted, stageLabel } from '../wording.ts';

/** Who does what: a command, or an agent with a task (spec: pipelines 1). */
export function agentFindings(draft: Draft, context: PipelineContext): Finding[] {
  const findings: Finding[] = [];
  const fallback = fallbackAgent(draft, context);
  const known = (agent: string, path: Path): void => {
    findings.push(...unknownAgent(agent, path, context));
  };
  const { defaults } = draft.authored;
  if (defaults?.agent !== undefined) known(defaults.agent, ['defaults', 'agent']);
  for (const { authored, path } of draft.stages) {
    const { agent, run, rollback } = authored;
    if (draft.isBroken(path, 'run') || draft.isBroken(path, 'agent')) continue;
    if (run !== undefined) findings.push(...besideCommand(authored, path));
    else if (agent !== undefined) known(agent, [...path, 'agent']);
    else if (fallback === undefined && !draft.isBroken([], 'defaults'))
      findings.push(nobody(authored.name, path));
    if (run === undefined && authored.task === undefined && authored.contract === undefined)
      if (!draft.isBroken(path, 'task')) findings.push(noTask(authored, path));
    if (rollback === undefined) continue;
    findings.push(...undoFindings(rollback, agent ?? fallback, [...path, 'rollback']));
    if (rollback.agent !== undefined) known(rollback.agent, [...path, 'rollback', 'agent']);
  }
  return findings;
}

/** The agent of stages that name none; undefined when there is none. */
export function fallbackAgent(draft: Draft, context: PipelineContext): string | undefined {
  return draft.authored.defaults?.agent ?? context.defaultAgent;
}

/** That an agent has no role file, as far as these are known. */
export function unknownAgent(agent: string, path: Path, { knownAgents }: PipelineContext): Finding[] {
  if (knownAgents === undefined || knownAgents.has(agent)) return [];
  const meant = nearestTo(agent, knownAgents);
  return [
    warningAt(path, 'value', `the agent ${quoted(agent)} has no role file`, {
      hint: `${meant === undefined ? '' : `did you mean ${quoted(meant)}? `}a run needs .blueprint/agents/${agent}.md`,
    }),
  ];
}

/** Keys of an agent's work beside a command; `rule` says that it is one or the other. */
export function besideRun<K extends 'agent' | 'task' | 'model'>(
  written: { readonly [P in K]?: string | undefined },
  keys: readonly K[],
  path: Path,
  label: string,
  rule: string,
): Finding[] {
  return keys
    .filter((key) => written[key] !== undefined)
    .map((key) =>
      errorAt([...path, key], 'key', `${label} has both "run" and ${quoted(key)}`, {
        hint: `${rule}; take one of the two out`,
      }),
    );
}

function besideCommand(authored: AuthoredStage, path: Path): Finding[] {
  const rule = 'a stage is either a command or the work of an agent';
  return besideRun(authored, ['agent', 'task', 'model'], path, quoted(authored.name), rule);
}

function nobody(name: string, path: Path): Finding {
  return errorAt([...path, 'name'], 'value', `${stageLabel(name)} names neither an agent nor a command`, {
    hint: 'give it "agent" or "run", or set "agent" under "defaults"',
  });
}

function noTask({ name }: AuthoredStage, path: Path): Finding {
  return warningAt([...path, 'name'], 'value', `${stageLabel(name)} has no task`, {
    hint: 'its agent is given its role\'s own prompt; say with "task" what it is to do',
  });
}

function undoFindings(rollback: AuthoredRollback, agent: string | undefined, path: Path): Finding[] {
  const findings: Finding[] = [];
  if (rollback.run !== undefined)
    findings.push(
      ...besideRun(
        rollback,
        ['agent', 'task'],
        path,
        '"rollback"',
        'it is undone either by a command or by an agent',
      ),
    );
  if (
    rollback.run === undefined &&
    rollback.agent === undefined &&
    (rollback.task === undefined || agent === undefined)
  )
    findings.push(
      errorAt(path, 'key', '"rollback" says neither with which agent nor with which command it is undone', {
        hint: 'give it "agent" and "task", or "run"',
      }),
    );
  return findings;
}
