import { nearestTo } from '../nearest.ts';
import { fail, ok, type Result } from '../result.ts';

/** What `${…}` in a pipeline stands for (spec: pipelines 4). */
export type Reference =
  | { readonly kind: 'variable'; readonly name: string }
  /** `${stages.<stage>.outputs.<key>}` */
  | { readonly kind: 'output'; readonly stage: string; readonly key: string }
  /** `${stage.environment}`: the label of the stage in which it stands. */
  | { readonly kind: 'environment' }
  /** `${run.id}` */
  | { readonly kind: 'run'; readonly field: 'id' }
  /** `${event.<field>}` */
  | { readonly kind: 'event'; readonly field: string }
  /** `${item}`: the item of a stage with `foreach`; elsewhere a variable of that name. */
  | { readonly kind: 'item' };

interface Misread {
  readonly message: string;
  readonly hint?: string;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const OUTPUT = /^stages\.([A-Za-z0-9][A-Za-z0-9._-]*)\.outputs\.([A-Za-z_][A-Za-z0-9_-]*)$/;
const NAMESPACES = ['stages', 'stage', 'run', 'event'];
const FORMS = `\${name}, \${stages.<stage>.outputs.<key>}, \${stage.environment}, \${run.id} or \${event.<field>}`;

/** Whether variables and outputs can be called that: letters, digits, `_` and `-`, not beginning with a digit or `-`. */
export function isVariableName(name: string): boolean {
  return NAME.test(name);
}

/** Reads what stands between `${` and `}`. */
export function parseReference(body: string): Result<Reference, Misread> {
  if (body === 'item') return ok({ kind: 'item' });
  if (NAME.test(body)) return ok({ kind: 'variable', name: body });
  if (body === 'stage.environment') return ok({ kind: 'environment' });
  if (body === 'run.id') return ok({ kind: 'run', field: 'id' });
  const output = OUTPUT.exec(body);
  if (output?.[1] !== undefined && output[2] !== undefined)
    return ok({ kind: 'output', stage: output[1], key: output[2] });
  const field = body.startsWith('event.') ? body.slice('event.'.length) : '';
  if (NAME.test(field)) return ok({ kind: 'event', field });
  return fail(whyNot(body));
}

/** A reference as it is written, such as `${stages.build.outputs.version}`. */
export function writtenReference(reference: Reference): string {
  switch (reference.kind) {
    case 'variable':
      return `\${${reference.name}}`;
    case 'output':
      return `\${stages.${reference.stage}.outputs.${reference.key}}`;
    case 'environment':
      return `\${stage.environment}`;
    case 'run':
      return `\${run.id}`;
    case 'event':
      return `\${event.${reference.field}}`;
    case 'item':
      return `\${item}`;
  }
}

function whyNot(body: string): Misread {
  const shown = `\${${body}}`;
  if (body.trim() === '') return { message: `${shown} names nothing`, hint: `write ${FORMS}` };
  if (body !== body.trim())
    return { message: `${shown} holds blanks`, hint: `write \${${body.trim()}}, without blanks` };
  const dot = body.indexOf('.');
  if (dot > 0 && /^[A-Za-z_-]+$/.test(body.slice(0, dot))) return whyNotIn(body.slice(0, dot), shown, body);
  if (/^[!#A-Za-z_]/.test(body) && /[^A-Za-z0-9_.-]/.test(body))
    return {
      message: `${shown} is a shell expansion, not a reference to a variable`,
      hint: `write $${shown} to leave it to the shell, or \${name} for a variable`,
    };
  return {
    message: `${shown} is no reference`,
    hint: 'names begin with a letter or "_" and hold letters, digits, "_" and "-"',
  };
}

function whyNotIn(namespace: string, shown: string, body: string): Misread {
  const message = `${shown} is no reference`;
  switch (namespace) {
    case 'stages':
      return { message, hint: `outputs are written \${stages.<stage>.outputs.<key>}` };
    case 'stage':
      return { message, hint: `of its own stage there is \${stage.environment}` };
    case 'run':
      return { message, hint: `of the run there is \${run.id}` };
    case 'event':
      return { message, hint: `facts of the event are written \${event.<field>}, such as \${event.number}` };
    case 'env':
      return { message, hint: `environment variables are the shell's: write $${body.slice(4)} in a command` };
    case 'var':
    case 'vars':
    case 'variables':
      return { message, hint: `write \${${body.slice(namespace.length + 1)}}` };
    default: {
      const meant = nearestTo(namespace, NAMESPACES);
      return {
        message: `${shown} is no reference: nothing is called "${namespace}"`,
        hint: meant === undefined ? `write ${FORMS}` : `did you mean "${meant}"?`,
      };
    }
  }
}
