import type { Stage } from '../pipeline/definition.ts';

/**
 * Stages by the length of the longest way to them: whatever stands in one layer could run at the same time. In the
 * order of the file inside a layer. O(stages + edges); stages that wait for each other in a circle are left out.
 */
export function layersOf(stages: readonly Stage[]): Stage[][] {
  const unmet = new Map<string, number>();
  const dependents = new Map<string, Stage[]>(stages.map((stage) => [stage.name, []]));
  for (const stage of stages) {
    const needs = [...new Set(stage.needs)].filter((need) => dependents.has(need));
    unmet.set(stage.name, needs.length);
    for (const need of needs) dependents.get(need)?.push(stage);
  }
  const places = new Map(stages.map((stage, index) => [stage.name, index]));
  const layers: Stage[][] = [];
  let layer = stages.filter((stage) => unmet.get(stage.name) === 0);
  while (layer.length > 0) {
    layers.push(layer);
    const next: Stage[] = [];
    for (const stage of layer) {
      for (const dependent of dependents.get(stage.name) ?? []) {
        const left = (unmet.get(dependent.name) ?? 0) - 1;
        unmet.set(dependent.name, left);
        if (left === 0) next.push(dependent);
      }
    }
    layer = next.sort((a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0));
  }
  return layers;
}
