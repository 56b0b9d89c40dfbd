import type { Stage } from '../pipeline/definition.ts';
import { layersOf } from './layers.ts';

/** Above this the ancestors of all stages take too much room to be worth it. */
const MOST_STAGES = 2_000;
const BITS = 32;

/**
 * Stages without the needs that follow from others: who needs `test` need not be drawn as needing `build` too, when
 * `test` does. Such a need still means something (it decides what a skipped stage does to this one), so it is left out
 * of drawings only. Work in proportion to edges times stages over 32; above 2,000 stages they are returned as they are.
 */
export function withEssentialNeeds(stages: readonly Stage[]): readonly Stage[] {
  if (stages.length > MOST_STAGES || stages.every((stage) => stage.needs.length < 2)) return stages;
  const places = new Map(stages.map((stage, index) => [stage.name, index]));
  const ancestors = new Map<number, Uint32Array>();
  const essential = new Map<string, Stage>();
  for (const stage of layersOf(stages).flat()) {
    const needs = [...new Set(stage.needs)].flatMap((need) => places.get(need) ?? []);
    const above = new Uint32Array(Math.ceil(stages.length / BITS));
    for (const need of needs) addAll(above, ancestors.get(need));
    const kept = needs.filter((need) => !has(above, need));
    for (const need of needs) add(above, need);
    ancestors.set(places.get(stage.name) ?? 0, above);
    const names = kept.flatMap((need) => stages[need]?.name ?? []);
    essential.set(stage.name, kept.length === needs.length ? stage : { ...stage, needs: names });
  }
  return stages.map((stage) => essential.get(stage.name) ?? stage);
}

function addAll(bits: Uint32Array, more: Uint32Array | undefined): void {
  more?.forEach((word, index) => {
    bits[index] = (bits[index] ?? 0) | word;
  });
}

function add(bits: Uint32Array, place: number): void {
  const word = Math.floor(place / BITS);
  bits[word] = (bits[word] ?? 0) | (1 << (place % BITS));
}

function has(bits: Uint32Array, place: number): boolean {
  return ((bits[Math.floor(place / BITS)] ?? 0) & (1 << (place % BITS))) !== 0;
}
