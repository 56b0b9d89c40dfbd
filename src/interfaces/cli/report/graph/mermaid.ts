import { plainText } from '../../../../core/agent/plain-text.ts';
import type { Pipeline, Stage } from '../../../../core/pipeline/definition.ts';
import { conditionAsText } from './condition-text.ts';
import { approvalAsText, workAsText } from './stage-text.ts';

const MOST_LABEL = 120;
/** Fill, border and text that are readable on light and dark pages. */
const CLASSES: Readonly<Record<string, string>> = {
  pending: 'fill:#eceff1,stroke:#78909c,color:#263238',
  running: 'fill:#fff8c5,stroke:#bf8700,color:#3b2300',
  waiting_approval: 'fill:#fff1e5,stroke:#bc4c00,color:#471700',
  succeeded: 'fill:#dafbe1,stroke:#1a7f37,color:#002d11',
  failed: 'fill:#ffebe9,stroke:#cf222e,color:#4c0014',
  skipped: 'fill:#f6f8fa,stroke:#8c959f,color:#57606a,stroke-dasharray:4 3',
  cancelled: 'fill:#ffebe9,stroke:#57606a,color:#57606a,stroke-dasharray:4 3',
};

/**
 * A pipeline as a Mermaid flowchart: a box per stage, in front of it a rhombus for its condition and a hexagon for its
 * approval, dotted arrows for rollbacks. Ids are numbers, and labels hold no character that Mermaid reads.
 */
export function graphAsMermaid(
  pipeline: Pipeline,
  states?: ReadonlyMap<string, { readonly status: string; readonly note?: string }>,
): string {
  const ids = new Map(pipeline.stages.map((stage, index) => [stage.name, index]));
  const lines = pipeline.stages.flatMap((stage, index) => [
    ...nodesOf(stage, index, states?.get(stage.name)?.note),
  ]);
  const edges = pipeline.stages.flatMap((stage, index) => edgesOf(stage, index, ids));
  return `${['flowchart TD', ...lines, ...edges, ...classesOf(pipeline, states)].join('\n')}\n`;
}

function nodesOf(stage: Stage, index: number, note: string | undefined): string[] {
  const label = [
    stage.name,
    stage.environment === undefined
      ? workAsText(stage.work)
      : `${workAsText(stage.work)} (${stage.environment})`,
    ...(note === undefined || note === '' ? [] : [note]),
  ];
  return [
    `  s${index}[${quoted(label)}]`,
    ...(stage.when === undefined ? [] : [`  w${index}{${quoted([`when ${conditionAsText(stage.when)}`])}}`]),
    ...(stage.approval === undefined ? [] : [`  a${index}{{${quoted([approvalAsText(stage.approval)])}}}`]),
  ];
}

/** The condition is looked at before anybody is asked (spec: pipelines 3). */
function edgesOf(stage: Stage, index: number, ids: ReadonlyMap<string, number>): string[] {
  const way = [
    ...(stage.when === undefined ? [] : [`w${index}`]),
    ...(stage.approval === undefined ? [] : [`a${index}`]),
    `s${index}`,
  ];
  const before = [...new Set(stage.needs)].flatMap((need) => {
    const id = ids.get(need);
    return id === undefined ? [] : [`  s${id} --> ${way[0]}`];
  });
  const inner = way.length > 1 ? [`  ${way.join(' --> ')}`] : [];
  const target = stage.onFailure === 'rollback' ? ids.get(stage.rollbackTo ?? stage.name) : undefined;
  return [
    ...before,
    ...inner,
    ...(target === undefined ? [] : [`  s${index} -. "on failure: roll back" .-> s${target}`]),
  ];
}

function classesOf(
  pipeline: Pipeline,
  states: ReadonlyMap<string, { readonly status: string }> | undefined,
): string[] {
  if (states === undefined) return [];
  const members = new Map<string, string[]>();
  pipeline.stages.forEach((stage, index) => {
    const status = states.get(stage.name)?.status ?? 'pending';
    if (!Object.hasOwn(CLASSES, status)) return;
    const known = members.get(status);
    if (known === undefined) members.set(status, [`s${index}`]);
    else known.push(`s${index}`);
  });
  return [...members].flatMap(([status, nodes]) => [
    `  classDef ${status} ${CLASSES[status]}`,
    `  class ${nodes.join(',')} ${status}`,
  ]);
}

function quoted(lines: readonly string[]): string {
  return `"${lines.map((line) => escaped(line)).join('<br/>')}"`;
}

/** Mermaid's own form of a character by its number, for all that could end a label, be markup or a directive. */
function escaped(text: string): string {
  const line = plainText(text).replace(/\s+/g, ' ').trim();
  const short = line.length > MOST_LABEL ? `${[...line].slice(0, MOST_LABEL - 1).join('')}…` : line;
  return short.replace(/["#&<>%`\\{}[\]()|;*_~$]/g, (character) => `#${character.charCodeAt(0)};`);
}
