import { layersOf } from '../../../../core/graph/layers.ts';
import type { Stage } from '../../../../core/pipeline/definition.ts';
import type { Characters } from './characters.ts';
import type { GraphRow } from './row.ts';
import { collapse } from './siblings.ts';
import { namesAsText } from './stage-text.ts';

/** A pipeline in numbered steps, for what is too wide to be drawn: each stage names what it waits for. */
export function listRows(stages: readonly Stage[], characters: Characters, brief: boolean): GraphRow[] {
  const layers = layersOf(stages);
  const width = String(layers.length).length;
  return layers.flatMap((layer, index) => {
    const all = new Set(layers[index - 1]?.map((stage) => stage.name));
    const groups = brief ? alike(layer) : layer.map((stage) => [stage]);
    const entries = groups.flatMap((group) => {
      const { shown, more } = collapse(group);
      const told = shown.map((stage) => ({ stage, ...needsOf(stage, all, index) }));
      return more.length === 0 ? told : [...told, { more }];
    });
    return entries.map((entry, place) => {
      const last = place === entries.length - 1;
      const number = place === 0 ? String(index + 1).padStart(width) : ' '.repeat(width);
      const { first, middle, last: end } = characters.bracket;
      const bracket = entries.length === 1 ? ' ' : place === 0 ? first : last ? end : middle;
      const under = entries.length === 1 || last ? ' ' : characters.down;
      return {
        before: `${number} ${bracket} `,
        after: ' ',
        below: `${' '.repeat(width)} ${under}   `,
        ...entry,
      };
    });
  });
}

/** Stages of a step that wait for the same ones, in the order of the file by their first. */
function alike(layer: readonly Stage[]): Stage[][] {
  const groups = new Map<string, Stage[]>();
  for (const stage of layer) {
    const key = [...new Set(stage.needs)].sort().join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [stage]);
    else group.push(stage);
  }
  return [...groups.values()];
}

function needsOf(stage: Stage, before: ReadonlySet<string>, step: number): { needs?: string } {
  const needs = [...new Set(stage.needs)];
  if (needs.length === 0) return {};
  const isAll = needs.length > 2 && needs.length === before.size && needs.every((need) => before.has(need));
  return { needs: `needs ${isAll ? `all of step ${step}` : namesAsText(needs)}` };
}
