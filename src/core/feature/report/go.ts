import * as z from 'zod';
import { type LoadError, type ParsedReport, type ParsedTest, shorten } from './parsed-report.ts';

const eventSchema = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
});

type GoEvent = z.infer<typeof eventSchema>;

/** `go test -json`. A package that does not compile is a load error; a skipped test stays skipped. */
export function parseGo(output: string): ParsedReport | undefined {
  const events = output.split('\n').flatMap(readEvent);
  if (events.length === 0) return undefined;
  const printed = new Map<string, string>();
  const tests: ParsedTest[] = [];
  const withTests = new Set<string>();
  const loadErrors: LoadError[] = [];
  for (const event of events) {
    const owner = event.Package ?? event.ImportPath?.split(' ')[0] ?? '';
    const key = `${owner}\u0000${event.Test ?? ''}`;
    if (event.Output !== undefined) printed.set(key, (printed.get(key) ?? '') + event.Output);
    const status = { pass: 'passed', fail: 'failed', skip: 'skipped' }[event.Action] as
      | ParsedTest['status']
      | undefined;
    if (status === undefined) continue;
    if (event.Test !== undefined) {
      withTests.add(owner);
      const message = status === 'failed' ? testMessage(printed.get(key) ?? '') : '';
      tests.push({ title: event.Test, status, ...(message === '' ? {} : { message }) });
    } else if (status === 'failed' && !withTests.has(owner)) {
      loadErrors.push({
        file: owner,
        message: shorten(printed.get(key) ?? '') || 'the package does not build',
      });
    }
  }
  return { tests, loadErrors };
}

function readEvent(line: string): GoEvent[] {
  if (!line.startsWith('{')) return [];
  try {
    const event = eventSchema.safeParse(JSON.parse(line));
    return event.success ? [event.data] : [];
  } catch {
    return []; // Compilers write plain lines in between.
  }
}

function testMessage(printed: string): string {
  return shorten(
    printed
      .split('\n')
      .filter((line) => !/^\s*(?:=== |--- )/.test(line))
      .join('\n'),
  );
}
