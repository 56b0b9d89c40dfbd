/** Every command a person may type, in the order of the root help. A test holds it against the files in commands/. */
export const CATALOGUE: readonly {
  readonly group: string;
  readonly commands: readonly (readonly [name: string, summary: string])[];
}[] = [
  {
    group: 'Run',
    commands: [
      ['implement-feature', 'take a feature from a brief to committed, tested code'],
      ['resume', 'continue a run where it was'],
      ['answer', 'answer the question an agent asked'],
      ['cancel', 'end a run for good'],
      ['pipeline', 'define pipelines in YAML, run them, and look at their runs'],
      ['approval', 'approve or reject what a run waits for'],
      ['event', 'tell the pipelines that something happened'],
      ['task', 'keep tasks as files, with what each attempt at them took'],
    ],
  },
  {
    group: 'Look',
    commands: [
      ['status', 'show how a run stands'],
      ['queue', 'show what runs and what waits for somebody'],
      ['history', 'list, show, export and repair the record of runs'],
      ['insights', 'learn from the recorded runs: bottlenecks, failures, models'],
      ['trace', 'show story, criterion, test, result, step and file of a feature'],
    ],
  },
  {
    group: 'Set up',
    commands: [
      ['init', 'prepare a project: agents, prompts, templates, skill'],
      ['update', 'bring the shipped files up to date, keeping yours'],
      ['validate', 'check that a run can start here'],
      ['agents', 'show which coding agents are here, and try one'],
      ['clean', 'remove what finished runs left behind'],
      ['retry-config', 'show or change how failed attempts are made again'],
      ['feedback-config', 'show or change how agents rate each other'],
      ['cost-config', 'show or change prices and limits'],
      ['stack-config', 'show or change the project’s language and tools'],
      ['telemetry-config', 'show whether and where runs are reported'],
      ['approval-config', 'show or change who approves, and what follows'],
      ['notify-config', 'show, change and test how approvers are told'],
    ],
  },
];

/** Commands that only this program itself starts. */
export const HIDDEN: readonly string[] = [
  'telemetry-deliver',
  'notify-deliver',
  'otel-deliver',
  'help',
  'version',
];

/** Words that stand before other commands, with these in the order of their help; a test holds it against the files. */
export const FAMILIES = {
  agents: {
    summary: 'Show which coding agents are here, and try one. Alone, it lists them.',
    commands: [
      ['list', 'show every runner: version, login, and the stages that would use it'],
      ['test', 'let a runner do a tiny real job: time, tokens, cost'],
    ],
  },
  approval: {
    summary: 'Approve or reject what a run waits for, and look at who decided what.',
    commands: [
      ['list', 'list approvals, the newest first (--pending: only open ones)'],
      ['show', 'show an approval with its audit'],
      ['approve', 'vote for a stage that waits for approval'],
      ['reject', 'vote against a stage that waits for approval'],
      ['delegate', 'give a vote that is still open to somebody else'],
      ['verify', 'check that the audit of a run’s approvals was not changed'],
    ],
  },
  event: {
    summary: 'Tell the pipelines that something happened.',
    commands: [['emit', 'bring in an event; it starts each pipeline that waits for it']],
  },
  pipeline: {
    summary: 'Define pipelines in YAML, run them, and look at their runs.',
    commands: [
      ['init', 'write a pipeline to begin with'],
      ['validate', 'say everything that is wrong in pipeline files'],
      ['graph', 'draw a pipeline, for a terminal or as Mermaid'],
      ['create', 'register a pipeline'],
      ['update', 'register a new definition of a pipeline'],
      ['list', 'list the registered pipelines'],
      ['show', 'show a pipeline: its stages and its definition'],
      ['enable', 'let a pipeline start by its triggers'],
      ['disable', 'keep a pipeline from starting by itself'],
      ['delete', 'forget a pipeline; its runs and their history stay'],
      ['run', 'run a pipeline, or continue a run (--resume <run>)'],
      ['status', 'show a run stage by stage'],
      ['logs', 'show what the stages of a run printed'],
      ['history', 'list the runs of a pipeline, newest first'],
      ['resume', 'continue a run where it was'],
      ['retry', 'do failed work of a run again, or all from a stage on'],
      ['rollback', 'undo a stage of a run, and what came of it'],
      ['cancel', 'end a run for good; nothing is rolled back'],
    ],
  },
  task: {
    summary: 'Keep tasks as Markdown files in tasks/, with what each attempt at them took.',
    commands: [
      ['new', 'write a new task'],
      ['list', 'list tasks, and choose among them'],
      ['show', 'show a task, its attempts and its text'],
      ['update', 'change keys of a task, or add an attempt to it'],
      ['move', 'take a task to another state'],
      ['complete', 'take a task to done, with the time of completion'],
      ['validate', 'say everything that is wrong in task files, and put it right'],
      ['stats', 'show how the attempts went: times, retries, success by model'],
    ],
  },
} as const satisfies Record<
  string,
  { readonly summary: string; readonly commands: readonly (readonly [name: string, summary: string])[] }
>;

export type FamilyName = keyof typeof FAMILIES;
