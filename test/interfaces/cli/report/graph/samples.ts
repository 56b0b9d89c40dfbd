import type { Pipeline, Stage } from '../../../../../src/core/pipeline/definition.ts';
import { aPipeline, aStage } from '../../../../rig/run-builder.ts';

function work(agent: string): Pick<Stage, 'work'> {
  return { work: { kind: 'agent', agent } };
}

/** The example of seed 001, story 2. */
export const FEATURE_COMPLETE: Pipeline = aPipeline(
  [
    aStage('validate', work('regression-tester')),
    aStage('security-scan', work('security-scanner')),
    aStage('deploy-staging', {
      ...work('deployer'),
      needs: ['validate', 'security-scan'],
      environment: 'staging',
    }),
    aStage('smoke-test', {
      ...work('smoke-tester'),
      needs: ['deploy-staging'],
      onFailure: 'rollback',
      rollbackTo: 'deploy-staging',
    }),
    aStage('deploy-prod', {
      ...work('deployer'),
      needs: ['smoke-test'],
      environment: 'production',
      approval: {
        approvers: ['team-lead', 'devops'],
        quorum: 'all',
        timeoutMs: 86_400_000,
        onTimeout: 'reject',
        preventSelfApproval: false,
      },
    }),
  ],
  {
    name: 'feature-complete',
    description: 'Full deployment pipeline after feature merge',
    triggers: [{ event: ['pull_request.merged'], branches: ['main'] }],
  },
);

/** Branches of different length, a condition, and stages that nothing waits for. */
export const UNEVEN: Pipeline = aPipeline(
  [
    aStage('install'),
    aStage('web-lint', { needs: ['install'] }),
    aStage('web-build', { needs: ['web-lint'] }),
    aStage('api-test', { needs: ['install'], when: { path: ['api/**'], or: [{ label: ['full'] }] } }),
    aStage('docs', { needs: ['install'], work: { kind: 'command', run: 'npm run docs' } }),
    aStage('release', { needs: ['web-build', 'api-test'] }),
    aStage('announce', { needs: ['release', 'docs'], onFailure: 'continue' }),
  ],
  { name: 'uneven' },
);

/** A stage, `count` ones that need it, and one that needs them all. */
export function fanOut(count: number): Pipeline {
  const shards = Array.from({ length: count }, (_, index) => `shard-${index + 1}`);
  return aPipeline([
    aStage('build'),
    ...shards.map((name) => aStage(name, { ...work('tester'), needs: ['build'] })),
    aStage('report', { needs: shards }),
  ]);
}

/** `depth` layers of `breadth` stages; each needs the one above it and the one right of that. */
export function layered(depth: number, breadth: number): Pipeline {
  const stages: Stage[] = [];
  for (let layer = 0; layer < depth; layer += 1) {
    for (let place = 0; place < breadth; place += 1) {
      const needs = layer === 0 ? [] : [`s${layer - 1}-${place}`, `s${layer - 1}-${(place + 1) % breadth}`];
      stages.push(aStage(`s${layer}-${place}`, { needs }));
    }
  }
  return aPipeline(stages);
}
