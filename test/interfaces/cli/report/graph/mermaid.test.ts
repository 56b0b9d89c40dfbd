import { expect, test } from 'vitest';
import { graphAsMermaid } from '../../../../../src/interfaces/cli/report/graph/mermaid.ts';
import { aPipeline, aStage } from '../../../../rig/run-builder.ts';
import { FEATURE_COMPLETE, UNEVEN } from './samples.ts';

test('the seed’s example is a flowchart with a hexagon for the gate and a dotted edge for the rollback', () => {
  expect(graphAsMermaid(FEATURE_COMPLETE)).toBe(`flowchart TD
  s0["validate<br/>regression-tester"]
  s1["security-scan<br/>security-scanner"]
  s2["deploy-staging<br/>deployer #40;staging#41;"]
  s3["smoke-test<br/>smoke-tester"]
  s4["deploy-prod<br/>deployer #40;production#41;"]
  a4{{"approval by all of team-lead, devops, within 24h, else rejected"}}
  s0 --> s2
  s1 --> s2
  s2 --> s3
  s3 -. "on failure: roll back" .-> s2
  s3 --> a4
  a4 --> s4
`);
});

test('a condition is a rhombus in front of its stage', () => {
  const text = graphAsMermaid(UNEVEN);
  expect(text).toContain('  w3{"when a path matches api/#42;#42; or a label is full"}\n');
  expect(text).toContain('  s0 --> w3\n  w3 --> s3\n');
});

test('states become classes', () => {
  const text = graphAsMermaid(
    FEATURE_COMPLETE,
    new Map([['validate', { status: 'succeeded', note: '4.2s' }]]),
  );
  expect(text).toContain('s0["validate<br/>regression-tester<br/>4.2s"]');
  expect(text).toContain('  class s0 succeeded\n');
  expect(text).toContain('  class s1,s2,s3,s4 pending\n');
});

test('no text can end a label, be markup or a directive, or take the place of an id', () => {
  const stages = [
    aStage('end', { work: { kind: 'command', run: 'echo "x"] --> y %%{init: {}}%% <b>\n;`&`' } }),
    aStage('graph', { needs: ['end'] }),
  ];
  const lines = graphAsMermaid(aPipeline(stages)).split('\n');
  expect(lines[1]).toMatch(/^ {2}s0\["end<br\/>[^"[\]{}<>%;&`]*(#\d+;[^"[\]{}<>%;&`]*)*"\]$/);
  expect(lines[1]).toContain('#34;x#34;#93; --#62; y #37;#37;');
  expect(lines).toContain('  s0 --> s1');
});
