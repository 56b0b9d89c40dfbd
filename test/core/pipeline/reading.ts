import type { PipelineContext } from '../../../src/core/pipeline/context.ts';
import type { Pipeline } from '../../../src/core/pipeline/definition.ts';
import { readPipeline } from '../../../src/core/pipeline/parse.ts';

/** Problems as `line:column message (underlined)`, errors and warnings alike. */
export async function told(text: string, context: PipelineContext = {}): Promise<string[]> {
  const { problems } = await readPipeline(text, 'p.yaml', context);
  return problems.map(({ line, column, severity, message, source = '', length = 0 }) => {
    const meant = source.slice((column ?? 1) - 1, (column ?? 1) - 1 + length);
    return `${line}:${column} ${severity}: ${message} <${meant}>`;
  });
}

export async function errorsOf(text: string, context: PipelineContext = {}): Promise<string[]> {
  return (await told(text, context))
    .filter((line) => / error: /.test(line))
    .map((line) => line.replace('error: ', ''));
}

export async function accepted(text: string, context: PipelineContext = {}): Promise<Pipeline> {
  const { pipeline, problems } = await readPipeline(text, 'p.yaml', context);
  if (pipeline === undefined) throw new Error(problems.map(({ message }) => message).join('; '));
  return pipeline;
}

export async function hintsOf(text: string, context: PipelineContext = {}): Promise<(string | undefined)[]> {
  return (await readPipeline(text, 'p.yaml', context)).problems.map(({ hint }) => hint);
}

/** A file with these stages; each is a command, so that nothing else is wrong with it. */
export function stages(...bodies: string[]): string {
  return `name: p\nstages:\n${bodies.map((body) => `  - ${body}\n`).join('')}`;
}
