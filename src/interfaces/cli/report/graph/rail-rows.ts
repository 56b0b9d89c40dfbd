import type { Cell, RailRow, Rails } from '../../../../core/graph/rails.ts';
import type { Stage } from '../../../../core/pipeline/definition.ts';
import type { Characters } from './characters.ts';
import type { GraphRow } from './row.ts';
import { collapse } from './siblings.ts';
import { namesAsText } from './stage-text.ts';

/** The rows of a drawing with rails; with `brief`, siblings that are alike are told as a number where there are many. */
export function railRows(rails: Rails, characters: Characters, brief: boolean): GraphRow[] {
  const hidden = brief ? hiddenStages(rails) : new Map<Stage, readonly Stage[]>();
  return rails.rows.flatMap((row) => {
    const drawn = drawnRow(row, rails.lanes, characters);
    if (row.stage === undefined) return [drawn];
    const block = hidden.get(row.stage);
    if (block === undefined) return [{ ...drawn, stage: row.stage, ...needsOf(row) }];
    return block[0] === row.stage ? [{ ...drawn, more: block }] : [];
  });
}

/** Stages that get no row of their own, each with all those of its block. */
function hiddenStages(rails: Rails): Map<Stage, readonly Stage[]> {
  const blocks = new Map<number, Stage[]>();
  for (const { block, stage } of rails.rows) {
    if (block === undefined || stage === undefined) continue;
    const known = blocks.get(block);
    if (known === undefined) blocks.set(block, [stage]);
    else known.push(stage);
  }
  const hidden = new Map<Stage, readonly Stage[]>();
  for (const block of blocks.values()) {
    const { more } = collapse(block);
    for (const stage of more) hidden.set(stage, more);
  }
  return hidden;
}

function drawnRow({ cells, below }: RailRow, lanes: number, characters: Characters): GraphRow {
  const node = cells.findIndex((cell) => cell.node === true);
  const left = node < 0 ? cells : cells.slice(0, node);
  const width = lanes * 2;
  const before = left.map((cell) => characters.line(cell) + gapOf(cell, characters)).join('');
  const rest =
    node < 0
      ? ''
      : cells
          .slice(node + 1)
          .map((cell) => ` ${characters.line(cell)}`)
          .join('');
  const under = below.map((goesOn) => `${goesOn ? characters.down : ' '} `).join('');
  return {
    before: node < 0 ? before.trimEnd() : before,
    after: node < 0 ? '' : `${rest}`.padEnd(width - node * 2 - 1),
    below: under.padEnd(width),
  };
}

function gapOf(cell: Cell, characters: Characters): string {
  return cell.right === true ? characters.across : ' ';
}

/** A rail says what its stages wait for, but where several meet the eye may lose them. */
function needsOf({ stage, joins }: RailRow): { needs?: string } {
  return stage === undefined || joins !== true ? {} : { needs: `needs ${namesAsText(stage.needs)}` };
}
