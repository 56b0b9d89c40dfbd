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
      ['pipeline', 'continue runs of pipelines (run --resume <run>)'],
    ],
  },
  {
    group: 'Look',
    commands: [
      ['status', 'show how a run stands'],
      ['queue', 'show what runs and what waits for somebody'],
      ['history', 'list, show, export and repair the record of runs'],
      ['trace', 'show story, criterion, test, result, step and file of a feature'],
    ],
  },
  {
    group: 'Set up',
    commands: [
      ['init', 'prepare a project: agents, prompts, templates, skill'],
      ['update', 'bring the shipped files up to date, keeping yours'],
      ['validate', 'check that a run can start here'],
      ['clean', 'remove what finished runs left behind'],
      ['retry-config', 'show or change how failed attempts are made again'],
      ['feedback-config', 'show or change how agents rate each other'],
      ['cost-config', 'show or change prices and limits'],
      ['stack-config', 'show or change the project’s language and tools'],
      ['telemetry-config', 'show whether and where runs are reported'],
    ],
  },
];

/** Commands that only this program itself starts. */
export const HIDDEN: readonly string[] = ['telemetry-deliver', 'help', 'version'];
