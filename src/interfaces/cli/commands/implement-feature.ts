import { Option } from 'commander';
import { implementFeature } from '../../../compose/implement-feature.ts';
import { FEATURE_STAGES } from '../../../core/feature/paths.ts';
import { parseSlug } from '../../../core/feature/slug.ts';
import { EXIT } from '../exit-code.ts';
import { addRunOptions, featureOptions, type ParsedFeatureOptions } from '../feature-options.ts';
import { withAudience } from '../feature-session.ts';
import { newProgram } from '../program.ts';
import { CommandFailure } from '../run-command.ts';

interface Parsed extends ParsedFeatureOptions {
  readonly brief?: string;
  readonly from?: string;
  readonly restart?: boolean;
  readonly task?: string;
  readonly worktree?: boolean;
}

/** `implement-feature <slug>`: the main job (seed 000). */
export async function main(argv: readonly string[]): Promise<number> {
  const program = addRunOptions(
    newProgram('implement-feature', 'take a feature from a brief to committed, tested code')
      .argument('<slug>', 'name of the feature: words of a-z and 0-9, joined by dashes')
      .option('--brief <file>', 'what the feature shall do, as Markdown; - reads standard input')
      .addOption(
        new Option('--from <stage>', 'begin a new run at this stage, on what is there').choices([
          ...FEATURE_STAGES,
        ]),
      )
      .option('--restart', 'begin anew instead of continuing an earlier run')
      .option('--task <id>', 'the task that is told of every attempt, if not the one called like the feature')
      .option('--interactive', 'approve or correct the specification before it is used')
      .addOption(
        new Option('--with-stories', 'write stories whatever the specification says').conflicts(
          'skipStories',
        ),
      )
      .option('--skip-stories', 'write no stories')
      .option('--no-validate', 'do not try the runner before the run starts')
      .option('--worktree', 'run in a working tree of its own on branch feature/<slug>'),
  );
  program.parse([...argv], { from: 'user' });
  const parsed = program.opts<Parsed>();
  const slug = parseSlug(program.args[0] ?? '');
  if (!slug.ok) throw new CommandFailure(slug.error, EXIT.usage);
  if (slug.value.changedFrom !== undefined) process.stderr.write(`using the slug ${slug.value.slug}\n`);
  const options = { json: parsed.json === true, events: parsed.events === true, yes: parsed.yes === true };
  return withAudience(options, (company) =>
    implementFeature(
      {
        cwd: process.cwd(),
        stateDirectory: parsed.stateDir,
        slug: slug.value.slug,
        worktree: parsed.worktree === true,
        brief: parsed.brief,
        restart: parsed.restart === true,
        from: parsed.from,
        task: parsed.task,
        validate: parsed.validate,
        options: featureOptions(parsed),
        version: process.env['MURMUR8_VERSION'] ?? 'dev',
      },
      company,
    ),
  );
}
