import { placeholdersOf, renderPrompt } from '../feature/prompt.ts';
import { ok, type Result } from '../result.ts';

/**
 * Fills `{{name}}` in a template of a YAML file. A value of several lines that stands alone on its line keeps that
 * line's indentation. Values are data: nothing in them is filled in again.
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): Result<string> {
  const whole = renderPrompt(template, values);
  if (!whole.ok) return whole;
  const lines = template.split('\n').map((line) => {
    const indentation = /^ +(?=\{\{)/.exec(line)?.[0] ?? '';
    const used = placeholdersOf(line).map((name) => [
      name,
      (values[name] ?? '').replaceAll('\n', `\n${indentation}`),
    ]);
    const filled = renderPrompt(line, Object.fromEntries(used));
    return filled.ok ? filled.value : line;
  });
  return ok(lines.join('\n'));
}
