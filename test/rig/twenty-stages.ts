const LANES = [1, 2, 3, 4];

/** Notes in the project's root, outside of the program's state, that a stage was worked at. */
function noted(stage: string, more = ''): string {
  return `echo ${stage} >> ran${more === '' ? '' : `; ${more}`}`;
}

/**
 * Twenty stages in layers, four at a time: outputs handed on, a stage that a condition leaves out, a gate with two
 * votes, three deployments one after the other, a check that fails, and a rollback of all three.
 */
export const TWENTY_STAGES = `
name: twenty
variables: {release: r1}
defaults: {retries: 0}
max_parallel: 4
stages:
${LANES.map(
  (lane) => `
  - name: source-${lane}
    depends_on: []
    outputs: [part]
    run: '${noted(`source-${lane}`, `echo "part=p${lane}" >> "$MURMUR8_OUTPUT"`)}'
  - name: build-${lane}
    depends_on: source-${lane}
    run: '${noted(`build-${lane}`, `echo "\${stages.source-${lane}.outputs.part}" > built-${lane}`)}'
  - name: test-${lane}
    depends_on: build-${lane}
    run: '${noted(`test-${lane}`, `test "$(cat built-${lane})" = p${lane}`)}'
`,
).join('')}
  - {name: docs, depends_on: source-1, when: {branch: never}, run: '${noted('docs')}'}
  - {name: docs-check, depends_on: docs, run: '${noted('docs-check')}'}
  - name: package
    depends_on: [${LANES.map((lane) => `test-${lane}`).join(', ')}]
    outputs: [artefact]
    run: '${noted('package', 'echo "artefact=$(cat built-* | tr -d "\\n")-${release}" >> "$MURMUR8_OUTPUT"')}'
  - name: deploy-a
    depends_on: package
    requires_approval: true
    approvers: [ann, bob]
    run: '${noted('deploy-a', 'test "${stages.package.outputs.artefact}" = p1p2p3p4-r1')}'
    rollback: {run: '${noted('undo-a')}'}
  - {name: deploy-b, depends_on: deploy-a, run: '${noted('deploy-b')}', rollback: {run: '${noted('undo-b')}'}}
  - {name: deploy-c, depends_on: deploy-b, run: '${noted('deploy-c')}', rollback: {run: '${noted('undo-c')}'}}
  - name: verify
    depends_on: deploy-c
    on_failure: rollback
    rollback_to: deploy-a
    run: '${noted('verify', 'exit 9')}'
  - {name: announce, depends_on: verify, run: '${noted('announce')}'}
`;

/** What is noted while the run is not disturbed, sorted; stages of a layer come in any order. */
export const NOTED_BEFORE_THE_GATE: readonly string[] = [
  ...LANES.flatMap((lane) => [`source-${lane}`, `build-${lane}`, `test-${lane}`]),
  'package',
].sort();
export const NOTED_BEHIND_THE_GATE: readonly string[] = [
  ...['deploy-a', 'deploy-b', 'deploy-c', 'verify'],
  ...['undo-c', 'undo-b', 'undo-a'],
];
