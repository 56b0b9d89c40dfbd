import type { Stage } from '../../../../core/pipeline/definition.ts';

/** A line of a drawing: what stands left of the text, and of which stage it tells. */
export interface GraphRow {
  /** Lines left of the glyph. */
  readonly before: string;
  /** Absent in rows that only join lines. */
  readonly stage?: Stage;
  /** Between the glyph and the text, so that all texts begin in one column. */
  readonly after: string;
  /** As wide as `before`, glyph and `after`: what stands left of further lines of this stage. */
  readonly below: string;
  /** Stages that are told as a number. */
  readonly more?: readonly Stage[];
  /** What this stage waits for, where the drawing alone does not make it plain. */
  readonly needs?: string;
}
