import { judgeToolCall, permissionAnswer } from '../../core/agent/acp-permission.ts';
import { permissionQuestion } from '../../core/agent/acp-question.ts';
import { type AcpReader, createAcpReader, toolNames } from '../../core/agent/acp-update.ts';
import type { AgentEvent } from '../../core/agent/event.ts';
import { type JsonRecord, recordOf, textOf } from '../../core/agent/json-field.ts';
import type { AgentOrder } from '../../engine/ports.ts';
import { realPlace } from './acp-places.ts';

export interface AcpGate {
  readonly reader: AcpReader;
  /** The option that answers a permission request; undefined when none fits. */
  readonly permission: (request: JsonRecord) => string | undefined;
  readonly denials: () => number;
}

/**
 * Reads what an agent does, and answers what it asks by the tools of its role. A question that no rule can answer goes
 * to `ask`.
 */
export function createAcpGate(
  order: AgentOrder,
  directory: string,
  temporaryDir: string,
  emit: (events: readonly AgentEvent[]) => void,
  ask: (question: string) => void,
): AcpGate {
  const reader = createAcpReader(order.cwd);
  const place = (path: string) => realPlace(order.cwd, path);
  const files = order.outputFile === undefined ? [order.answerFile] : [order.answerFile, order.outputFile];
  const policy = {
    root: place('.'),
    ownFiles: files.map(place),
    temporaryDirs: [place(directory), place(temporaryDir)],
    ...(order.tools === undefined ? {} : { tools: order.tools }),
  };
  let denials = 0;

  return {
    reader,
    permission(request) {
      const tool = reader.tool(request['toolCall']);
      const question = permissionQuestion(request, tool);
      if (question !== undefined) {
        ask(question);
        return undefined;
      }
      const { allowed, why } = judgeToolCall({ ...tool, paths: tool.paths.map(place) }, policy);
      if (!allowed) denials += 1;
      emit([
        ...reader.flush(),
        {
          type: 'permission',
          id: textOf(recordOf(request['toolCall'])?.['toolCallId']) ?? '',
          ...toolNames(tool, order.cwd),
          allowed,
          ...(allowed ? {} : { message: why }),
        },
      ]);
      return permissionAnswer(request['options'], allowed).optionId;
    },
    denials: () => denials,
  };
}
