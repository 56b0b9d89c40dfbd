import type { Stage } from '../pipeline/definition.ts';
import { type Block, blocksOf, readingOrder } from './blocks.ts';
import { withEssentialNeeds } from './essential-needs.ts';

/** The lines that meet in one cell of a drawing; `node` is where a stage stands. */
export interface Cell {
  up?: boolean;
  down?: boolean;
  left?: boolean;
  right?: boolean;
  node?: boolean;
  /** A line from left to right passes behind one from top to bottom and has nothing to do with it. */
  crossed?: boolean;
}

export interface RailRow {
  readonly cells: readonly Cell[];
  /** Rails that go on below this row. */
  readonly below: readonly boolean[];
  readonly stage?: Stage;
  /** Several rails run together in this stage, or it needs more than is drawn: its needs are worth a word. */
  readonly joins?: boolean;
  /** Number of the block that hangs on one rail: siblings stand in rows that follow each other. */
  readonly block?: number;
}

export interface Rails {
  readonly rows: readonly RailRow[];
  readonly lanes: number;
}

/**
 * A pipeline as rails from top to bottom: every block hangs on a rail that leads on to whatever needs it. Undefined
 * when it takes more than `mostLanes` rails side by side; a drawing of that tells less than a list.
 */
export function railsOf(stages: readonly Stage[], mostLanes: number): Rails | undefined {
  const drawn = withEssentialNeeds(stages);
  const blocks = blocksOf(drawn);
  const drawing = new Drawing(blocks, new Map(stages.map((stage) => [stage.name, stage])));
  for (const index of readingOrder(blocks)) {
    drawing.add(index);
    if (drawing.width > mostLanes) return undefined;
  }
  return { rows: drawing.rows, lanes: drawing.width };
}

class Drawing {
  readonly rows: RailRow[] = [];
  width = 0;
  /** The block whose rail runs in a lane. */
  private readonly lanes: (number | undefined)[] = [];
  private readonly laneOf = new Map<number, number>();
  private readonly waiting: number[];
  private readonly blocks: readonly Block[];
  /** Stages as they are defined: blocks hold what is drawn of them. */
  private readonly defined: ReadonlyMap<string, Stage>;

  constructor(blocks: readonly Block[], defined: ReadonlyMap<string, Stage>) {
    this.blocks = blocks;
    this.defined = defined;
    this.waiting = blocks.map((block) => block.after.length);
  }

  add(index: number): void {
    const block = this.blocks[index];
    if (block === undefined) return;
    const from = block.before.map((before) => this.laneOf.get(before) ?? 0);
    const ending = block.before.filter((before) => this.comesDue(before));
    const own = this.laneFor(ending, from);
    if (from.length > 1) this.join(from, ending, own);
    this.release(ending);
    const fork = from.length === 1 && ending.length === 0 ? from[0] : undefined;
    const joins = from.length > 1;
    const goesOn = block.after.length > 0;
    const comesFrom = from.length > 0 && fork === undefined;
    if (!comesFrom && fork === undefined) this.space(own);
    if (block.stages.length === 1) this.alone(block, { index, own, fork, up: comesFrom, goesOn, joins });
    else this.together(block, { index, own, fork, up: comesFrom, goesOn, joins });
    this.lanes[own] = goesOn ? index : undefined;
    this.laneOf.set(index, own);
  }

  private comesDue(before: number): boolean {
    const left = (this.waiting[before] ?? 0) - 1;
    this.waiting[before] = left;
    return left === 0;
  }

  private laneFor(ending: readonly number[], from: readonly number[]): number {
    if (ending.length > 0) return Math.min(...ending.map((before) => this.laneOf.get(before) ?? 0));
    return this.freeLane(from.length === 0 ? 0 : Math.min(...from) + 1);
  }

  private freeLane(least: number): number {
    let lane = least;
    while (this.lanes[lane] !== undefined) lane += 1;
    return lane;
  }

  private release(ending: readonly number[]): void {
    for (const before of ending) this.lanes[this.laneOf.get(before) ?? 0] = undefined;
  }

  /** Rails run together above a block that needs them all. */
  private join(from: readonly number[], ending: readonly number[], own: number): void {
    const gone = new Set(ending.map((before) => this.laneOf.get(before) ?? 0));
    const row = this.passing();
    const last = Math.max(own, ...from);
    const first = Math.min(own, ...from);
    span(row, first, last, new Set([own, ...from]));
    for (const lane of from) if (gone.has(lane) && lane !== own) cellAt(row, lane).down = false;
    cellAt(row, own).down = true;
    this.push(row);
  }

  /** A rail must not seem to go on from a stage with which it has nothing to do. */
  private space(own: number): void {
    const above = this.rows.at(-1)?.cells[own];
    if (above?.node === true && above.down !== true) this.push(this.passing());
  }

  private alone({ stages: [stage] }: Block, place: Place): void {
    const row = this.passing();
    if (place.fork !== undefined) span(row, place.fork, place.own, new Set([place.fork, place.own]));
    const cell = cellAt(row, place.own);
    cell.node = true;
    cell.up = place.up;
    cell.down = place.goesOn;
    this.push(row, stage, place);
  }

  /** Siblings hang on their rail, which leads on once they have all ended. */
  private together(block: Block, place: Place): void {
    const hang = this.freeLane(place.own + 1);
    block.stages.forEach((stage, index) => {
      const isLast = index === block.stages.length - 1;
      const row = this.passing();
      if (index === 0 && place.fork !== undefined)
        span(row, place.fork, place.own, new Set([place.fork, place.own]));
      span(row, place.own, hang, new Set([place.own, hang]));
      const spine = cellAt(row, place.own);
      spine.up = index > 0 || place.up;
      spine.down = !isLast || place.goesOn;
      Object.assign(cellAt(row, hang), { node: true, down: isLast && place.goesOn });
      this.push(row, stage, place);
    });
    if (!place.goesOn) return;
    const row = this.passing();
    span(row, place.own, hang, new Set([place.own, hang]));
    Object.assign(cellAt(row, place.own), { up: true, down: true });
    cellAt(row, hang).up = true;
    this.push(row);
  }

  /** A row in which every rail just goes on. */
  private passing(): Cell[] {
    return Array.from(this.lanes, (block) => (block === undefined ? {} : { up: true, down: true }));
  }

  private push(cells: Cell[], stage?: Stage, place?: Place): void {
    this.width = Math.max(this.width, cells.length);
    const below = Array.from(cells, (cell) => cell?.down === true);
    const what = stage === undefined || place === undefined ? {} : this.told(stage, place);
    this.rows.push({ cells, below, ...what });
  }

  private told(drawn: Stage, { joins, index }: Place): Pick<RailRow, 'stage' | 'joins' | 'block'> {
    const stage = this.defined.get(drawn.name) ?? drawn;
    return { stage, joins: joins || drawn !== stage, block: index };
  }
}

interface Place {
  readonly index: number;
  readonly own: number;
  /** Lane of the rail that it leaves and that goes on. */
  readonly fork: number | undefined;
  readonly up: boolean;
  readonly goesOn: boolean;
  readonly joins: boolean;
}

/** Draws a line between two lanes; rails between them that are not `involved` are crossed. */
function span(row: Cell[], first: number, last: number, involved: ReadonlySet<number>): void {
  for (let lane = first; lane <= last; lane += 1) {
    const cell = cellAt(row, lane);
    if (lane > first) cell.left = true;
    if (lane < last) cell.right = true;
    if (!involved.has(lane) && cell.up === true) cell.crossed = true;
  }
}

function cellAt(row: Cell[], lane: number): Cell {
  while (row.length <= lane) row.push({});
  const cell = row[lane];
  if (cell === undefined) throw new Error(`no lane ${lane}`);
  return cell;
}
