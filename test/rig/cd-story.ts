import { expect } from 'vitest';
import type { Ended } from './cli.ts';
import { createGatedProject, type GatedProject } from './gated-project.ts';

/** Every agent of the template: notes what it was asked to do; production then turns out not to work. */
const AGENT = `
echo "$MURMUR8_JOB $MURMUR8_STAGE ($MURMUR8_ENVIRONMENT)" >> deeds
case "$MURMUR8_JOB $MURMUR8_STAGE" in
  'work deploy-staging')
    echo "deployed $(git rev-parse --short HEAD) to staging"
    echo "release=$(git rev-parse HEAD)" >> "$MURMUR8_OUTPUT" ;;
  'work smoke-production')
    echo 'the front page answers 502' >&2
    exit 1 ;;
  'undo deploy-production')
    echo 'the release before runs again' ;;
esac
`;

/** A merged pull request as GitHub tells of it; its title is what a stranger wrote. */
export function mergedPullRequest(title = 'Greet by name', base = 'main'): string {
  const repo = { id: 7, full_name: 'acme/greeter' };
  return JSON.stringify({
    action: 'closed',
    number: 17,
    pull_request: {
      number: 17,
      title,
      merged: true,
      merge_commit_sha: 'b6f1d5e8',
      labels: [{ name: 'feature' }],
      user: { login: 'linus' },
      head: { ref: 'greet-by-name', sha: '5e8b6f1d', repo },
      base: { ref: base, sha: '1d5e8b6f', repo },
    },
    repository: repo,
    sender: { login: 'linus' },
  });
}

/** What a story of a deployment was told by the way. */
export interface CdStory {
  readonly project: GatedProject;
  readonly run: string;
  readonly approval: string;
  readonly commit: string;
  readonly created: Ended;
  readonly emitted: readonly Ended[];
  readonly delegated: Ended;
  readonly votes: readonly Ended[];
}

/** Gets the template of a deployment ready: two people have to agree, and its agents are a script. */
export async function cdProject(): Promise<{ readonly project: GatedProject; readonly created: Ended }> {
  const project = createGatedProject();
  project.write('agent.sh', AGENT);
  project.write('payload.json', mergedPullRequest());
  expect((await project.as('ada', 'pipeline', 'init', 'cd')).code).toBe(0);
  const text = project.read('pipelines/cd.yaml');
  expect(text.match(/approvers: \[ada\]/g)).toHaveLength(1);
  project.write('pipelines/cd.yaml', text.replace('approvers: [ada]', 'approvers: [ada, grace]'));
  const created = await project.pipeline('create', 'pipelines/cd.yaml');
  return { project, created };
}

/** Brings the merged pull request in, as delivered under an id. */
export function emitMerged(project: GatedProject, deliveryId: string): Promise<Ended> {
  return project.as(
    'ci',
    ...['event', 'emit', 'pull_request', '--github', 'payload.json', '--id', deliveryId, '--json'],
    ...['--runner', 'command:sh agent.sh'],
  );
}
