import { actingUser } from '../../../../compose/acting-user.ts';
import { openConfig } from '../../../../compose/config.ts';
import { initTemplate, listTemplates } from '../../../../compose/pipeline-templates.ts';
import type { PipelineInitDocument, TemplateListDocument } from '../../../contract/pipeline.ts';
import { asTyped } from '../../as-typed.ts';
import { EXIT } from '../../exit-code.ts';
import { newProgram } from '../../program.ts';
import { need, printJson, type RegistryOptions, STATE_DIR } from '../../registry-command.ts';
import { oneLine } from '../../report/one-line.ts';
import { CommandFailure } from '../../run-command.ts';

type Options = RegistryOptions & {
  readonly list?: boolean;
  readonly output?: string;
  readonly force?: boolean;
};

/** `pipeline init <template>`: writes a pipeline to begin with into the project (seed 001, story 10). */
export async function main(argv: readonly string[]): Promise<number> {
  const program = newProgram('pipeline init', 'write a pipeline to begin with')
    .argument('[template]', 'one of those that --list names')
    .option('--list', 'list the templates')
    .option('--output <file>', 'where to write it (default: pipelines/<template>.yaml)')
    .option('--force', 'replace a file that is there')
    .option('--json', 'print one JSON document')
    .option(...STATE_DIR);
  program.parse([...argv], { from: 'user' });
  const options = program.opts<Options>();
  const [template] = program.args;
  if (options.list === true) await printTemplates(options);
  else await writeTemplate(template, options);
  return EXIT.done;
}

async function printTemplates(options: Options): Promise<void> {
  const templates = need(await listTemplates(process.cwd()));
  if (options.json === true) {
    printJson({ templates: templates.map((one) => ({ ...one })) } satisfies TemplateListDocument);
    return;
  }
  const width = Math.max(0, ...templates.map(({ name }) => name.length));
  const lines = templates.map(({ name, description, origin }) => {
    const own = origin === 'shipped' ? '' : ' (of this project)';
    return `${name.padEnd(width)}  ${oneLine(description, 200)}${own}\n`;
  });
  process.stdout.write(lines.join(''));
}

async function writeTemplate(template: string | undefined, options: Options): Promise<void> {
  if (template === undefined) {
    const hint = 'murmur8 pipeline init --list names them';
    throw new CommandFailure({ code: 'usage', message: 'no template is named', hint }, EXIT.usage);
  }
  const config = need(openConfig('approval', process.cwd(), options.stateDir).read());
  const written = need(
    await initTemplate(process.cwd(), template, {
      user: actingUser(config),
      file: options.output,
      force: options.force,
    }),
  );
  const { file, text, notes } = written;
  if (options.json === true) {
    printJson({ template, file, definition: text, notes: [...notes] } satisfies PipelineInitDocument);
    return;
  }
  const next = asTyped(`register it with murmur8 pipeline create ${file}\n`);
  process.stdout.write(`wrote ${file}\n${notes.map((note) => `  ${oneLine(note, 400)}\n`).join('')}${next}`);
}
