import { appendFileSync, mkdirSync } from 'node:fs';
import { posix } from 'node:path';
import type { AgentEvent } from '../../core/agent/event.ts';
import type { Problem } from '../../core/problem.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { AgentOrder } from '../../engine/ports.ts';
import type { OfflineWorkspace } from './offline-workspace.ts';

/**
 * Walks through a stage that is not of the feature pipeline, so that a pipeline can be tried to its end without a
 * model. Nothing is done, and everything that stands in for a result says so: outputs are `offline-<stage>-<key>`, and a
 * file that has to be there gets one line. Returns the last words.
 */
export function walkThrough(
  order: AgentOrder,
  workspace: OfflineWorkspace,
  emit: (event: AgentEvent) => void,
): Result<string> {
  const { job } = order;
  emit({ type: 'message', text: `was asked as ${order.agent}: ${job.task ?? '(nothing in particular)'}` });
  if (job.kind === 'undo') return ok(`the offline runner did nothing: ${job.stage} is not undone`);
  const outputs = giveOutputs(order);
  if (!outputs.ok) return outputs;
  if (outputs.value > 0) emit({ type: 'message', text: `placeholders given for ${job.outputs?.join(', ')}` });
  let written = 0;
  for (const path of job.produces ?? []) {
    if (!isOnePath(path)) {
      emit({
        type: 'message',
        text: `which files ${path} stands for cannot be told: none is written for it`,
      });
    } else if (!isThere(workspace, path)) {
      const placed = place(order, workspace, path, emit, `write-${written + 1}`);
      if (!placed.ok) return placed;
      written += 1;
    }
  }
  const files = written === 0 ? '' : ` but for ${written} placeholder ${written === 1 ? 'file' : 'files'}`;
  return ok(`the offline runner walked through ${job.stage} without doing it: nothing was changed${files}`);
}

/** How many outputs were given. */
function giveOutputs(order: AgentOrder): Result<number> {
  const names = order.job.outputs ?? [];
  if (names.length === 0 || order.outputFile === undefined) return ok(0);
  const lines = names.map((name) => `${name}=offline-${order.job.stage}-${name}\n`).join('');
  try {
    mkdirSync(posix.dirname(order.outputFile), { recursive: true, mode: 0o700 });
    appendFileSync(order.outputFile, lines, { mode: 0o600 });
    return ok(names.length);
  } catch (error) {
    return fail(problem('cannot write the outputs', order.outputFile, error));
  }
}

function place(
  order: AgentOrder,
  workspace: OfflineWorkspace,
  path: string,
  emit: (event: AgentEvent) => void,
  id: string,
): Result<void> {
  const { stage, pipeline } = order.job;
  const where = pipeline === undefined ? stage : `${stage} of the pipeline ${pipeline}`;
  emit({ type: 'tool', phase: 'start', id, name: 'Write', subject: path });
  const text = `placeholder made by the offline runner of murmur8 for the stage ${where}\n`;
  const done = workspace.write(path, text);
  emit({ type: 'tool', phase: 'end', id, ok: done.ok });
  if (!done.ok) return done;
  emit({ type: 'file', path, kind: done.value });
  return ok(undefined);
}

function isOnePath(pattern: string): boolean {
  return pattern !== '' && !pattern.endsWith('/') && !/[*?[\]{}!\\]/.test(pattern);
}

function isThere(workspace: OfflineWorkspace, path: string): boolean {
  return workspace.names(posix.dirname(path)).includes(posix.basename(path));
}

function problem(message: string, file: string, error: unknown): Problem {
  return {
    code: 'offline-file',
    message: `${message}: ${error instanceof Error ? error.message : String(error)}`,
    file,
  };
}
