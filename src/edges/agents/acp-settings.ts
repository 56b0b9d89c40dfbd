import type { ClientContext } from '@agentclientprotocol/sdk';
import { type JsonRecord, listOf, recordOf, textOf } from '../../core/agent/json-field.ts';
import { shorten } from '../../core/agent/plain-text.ts';
import { AcpStop } from './acp-end.ts';

const MOST_NAMED = 20;
const MOST_SHOWN = 1_000;

/** Chooses the model that was asked for, by its id or its name, among those that the agent offers. */
export async function chooseModel(
  agent: ClientContext,
  sessionId: string,
  opened: JsonRecord,
  model: string | undefined,
): Promise<void> {
  if (model === undefined) return;
  const option = listOf(opened['configOptions'])
    .map(recordOf)
    .find((each) => each?.['category'] === 'model');
  const configId = textOf(option?.['id']);
  if (configId !== undefined) {
    const value = pick(flatten(option?.['options']), 'value', model);
    await agent.request('session/set_config_option', { sessionId, configId, value });
    return;
  }
  // The form before there were options; some agents know no other.
  const models = listOf(recordOf(opened['models'])?.['availableModels']).map((each) => recordOf(each) ?? {});
  if (models.length === 0)
    throw new AcpStop({
      kind: 'unusable',
      message: `the agent does not let its model be chosen; leave out the model ${JSON.stringify(model)}, and set it in the agent's own configuration or command`,
    });
  await agent.request('session/set_model', { sessionId, modelId: pick(models, 'modelId', model) });
}

/** A role that writes nothing gets the agent's own mode for that, where there is one: it holds without being asked. */
export async function chooseMode(agent: ClientContext, sessionId: string, opened: JsonRecord): Promise<void> {
  const modes = listOf(recordOf(opened['modes'])?.['availableModes']).map((each) => recordOf(each)?.['id']);
  if (modes.includes(READ_ONLY)) {
    await agent.request('session/set_mode', { sessionId, modeId: READ_ONLY });
    return;
  }
  const option = listOf(opened['configOptions'])
    .map(recordOf)
    .find((each) => each?.['category'] === 'mode');
  const configId = textOf(option?.['id']);
  if (configId !== undefined && flatten(option?.['options']).some((each) => each['value'] === READ_ONLY))
    await agent.request('session/set_config_option', { sessionId, configId, value: READ_ONLY });
}

/** That of codex-acp, whose preset allows writing without a question. */
const READ_ONLY = 'read-only';

/** Options may stand in groups. */
function flatten(options: unknown): readonly JsonRecord[] {
  return listOf(options).flatMap((option) => {
    const record = recordOf(option) ?? {};
    return 'options' in record ? flatten(record['options']) : [record];
  });
}

function pick(offered: readonly JsonRecord[], idField: string, model: string): string {
  const found = offered.find((each) => each[idField] === model || each['name'] === model);
  const id = textOf(found?.[idField]);
  if (id !== undefined) return id;
  const names = offered.slice(0, MOST_NAMED).flatMap((each) => textOf(each[idField]) ?? []);
  throw new AcpStop({
    kind: 'unusable',
    message: `the agent does not offer the model ${JSON.stringify(model)}; it offers: ${shorten(names.join(', '), MOST_SHOWN)}`,
  });
}
