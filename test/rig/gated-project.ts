import { expect } from 'vitest';
import {
  type ApprovalDetailsDocument,
  type ApprovalRecord,
  type AuditVerificationDocument,
  approvalDetailsContract,
  approvalListContract,
  auditVerificationContract,
} from '../../src/interfaces/contract/approval.ts';
import { type RunDetailsDocument, runDetailsContract } from '../../src/interfaces/contract/run.ts';
import { type Ended, murmur8, type Started, start } from './cli.ts';
import { createPipelineProject, type PipelineProject } from './pipeline-project.ts';
import { processesAbout } from './processes-about.ts';
import type { ProjectOptions } from './project.ts';
import { until } from './until.ts';

/** A project with pipelines at whose gates people decide, each from a process of their own. */
export interface GatedProject extends PipelineProject {
  /** Runs `murmur8 …` to its end as somebody. */
  as(person: string, ...args: string[]): Promise<Ended>;
  /** The same, under way. */
  startAs(person: string, ...args: string[]): Started;
  /** Runs a pipeline whose gate nobody has opened; answers with the run's id. */
  runToGate(pipeline: string, ...args: string[]): Promise<string>;
  details(run: string): Promise<RunDetailsDocument>;
  /** Open approvals, as `approval list --pending` shows them. */
  pending(): Promise<readonly ApprovalRecord[]>;
  /** The open approval before a stage of a run. */
  gateOf(run: string, stage: string): Promise<ApprovalRecord>;
  approval(id: string): Promise<ApprovalDetailsDocument>;
  verified(id: string): Promise<AuditVerificationDocument>;
  /** Waits until nothing drives the run, and nothing in the project is at work any more. */
  comesToRest(): Promise<void>;
}

export function createGatedProject(
  options: ProjectOptions & { readonly env?: Readonly<Record<string, string>> } = {},
): GatedProject {
  const project = createPipelineProject(options);
  const startAs = (person: string, ...args: string[]): Started =>
    start(args, { cwd: project.root, env: { ...options.env, MURMUR8_USER: person } });
  const document = async (...args: string[]): Promise<unknown> => {
    const ended = await murmur8([...args, '--json'], { cwd: project.root });
    expect(ended.stderr).toBe('');
    return JSON.parse(ended.stdout);
  };
  const pending = async (): Promise<readonly ApprovalRecord[]> =>
    approvalListContract.parse(await document('approval', 'list', '--pending')).approvals;
  return {
    ...project,
    startAs,
    as: (person, ...args) => startAs(person, ...args).ended,
    async runToGate(pipeline, ...args) {
      const before = new Set(project.runs());
      const ended = await project.pipeline('run', pipeline, ...args);
      expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining('APPROVAL_PENDING')]);
      const [run = ''] = project.runs().filter((id) => !before.has(id));
      return run;
    },
    details: async (run) => runDetailsContract.parse(await document('pipeline', 'status', run)),
    pending,
    async gateOf(run, stage) {
      const open = (await pending()).filter((one) => one.run_id === run && one.stage_name === stage);
      expect(open).toHaveLength(1);
      return open[0] as ApprovalRecord;
    },
    approval: async (id) => approvalDetailsContract.parse(await document('approval', 'show', id)),
    verified: async (id) => auditVerificationContract.parse(await document('approval', 'verify', id)),
    comesToRest: () => until(() => expect(processesAbout(project.root)).toEqual([])),
  };
}
