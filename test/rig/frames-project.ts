import { createGatedProject, type GatedProject } from './gated-project.ts';

/** What the export holds at the end: only what was approved, and the second one made as its audit had asked for. */
export const SHEET = `one: none, none
two: WIDER, two is too narrow
five: none, none
six: none, none
`;

/** Every work is noted in `made`, every check in `audited`: outside of the program's own state. */
const DRAW = `
echo "$MURMUR8_ITEM" >> made
if [ "$MURMUR8_ITEM" = four ]; then echo 'the pen is broken' >&2; exit 9; fi
mkdir -p art
printf '%s: %s, %s\\n' "$MURMUR8_ITEM" "\${MURMUR8_STRATEGY:-none}" "\${MURMUR8_FINDINGS:-none}" > "art/$MURMUR8_ITEM"
`;

/** The second is approved only when it was made with the strategy and the findings; the fifth cannot be checked at first. */
const AUDIT = `
echo "$MURMUR8_ITEM" >> audited
case "$MURMUR8_ITEM" in
  two) grep -q 'WIDER, two is too narrow' art/two || { echo 'two is too narrow'; exit 1; } ;;
  three) echo 'three drifts'; exit 1 ;;
  five) [ -e measured ] || { : > measured; exit 126; } ;;
esac
`;

const PACK = `
echo packed >> made
(cd art && cat one two five six) > "$MURMUR8_EXPORT/sheet.txt"
`;

/** Six frames, two at a time: four are approved, one is rejected for good, one fails for good; then an export that is checked. */
export const FRAMES = `
name: frames
stages:
  - name: draw
    foreach: [one, two, three, four, five, six]
    max_parallel: 2
    run: sh draw.sh
    audit: sh audit.sh
    retry: {max: 1, delay: 1s, jitter: 1, strategies: [WIDER]}
    on_failure: continue
export:
  location: out
  run: sh pack.sh
  files: [sheet.txt]
  validate: test "$(wc -l < "$MURMUR8_EXPORT/sheet.txt")" -eq 4
`;

/** A project in which the pipeline of frames is registered. */
export async function createFramesProject(): Promise<GatedProject> {
  const project = createGatedProject();
  project.write('draw.sh', DRAW);
  project.write('audit.sh', AUDIT);
  project.write('pack.sh', PACK);
  await project.register(FRAMES);
  return project;
}
