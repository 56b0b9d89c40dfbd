import { type LoadError, type ParsedReport, type ParsedTest, shorten } from './parsed-report.ts';

const POINT = /^( *)(not )?ok(?: \d+)?(?: - | )?(.*)$/;
const DIRECTIVE = /(?<!\\)#\s*(TODO|SKIP)\b\s*(.*)$/i;

/** TAP 13/14 as `node --test` writes it: indented subtests, a YAML block after each point. Undefined when it is none. */
export function parseTap(output: string): ParsedReport | undefined {
  const tests: ParsedTest[] = [];
  const loadErrors: LoadError[] = [];
  const lines = output.split(/\r?\n/);
  let points = 0;
  for (const [index, line] of lines.entries()) {
    const point = POINT.exec(line);
    if (point === null) continue;
    points += 1;
    const block = yamlBlock(lines, index + 1, point[1]?.length ?? 0);
    if (/^\s*type: '?suite'?\s*$/m.test(block)) continue;
    const directive = DIRECTIVE.exec(point[3] ?? '');
    const raw = directive === null ? (point[3] ?? '') : (point[3] ?? '').slice(0, directive.index);
    const title = unescapeTap(raw.trim());
    const message = messageIn(block);
    if (point[2] !== undefined && isFile(title)) {
      loadErrors.push({
        file: title,
        message: nearestError(lines, index) ?? message ?? 'the file could not be run',
      });
      continue;
    }
    if (isFile(title)) continue;
    const status = statusOf(point[2] !== undefined, directive?.[1]);
    tests.push({ title, status, ...(status === 'failed' && message !== undefined ? { message } : {}) });
  }
  return points === 0 && !/^TAP version \d+/m.test(output) ? undefined : { tests, loadErrors };
}

function statusOf(failed: boolean, directive: string | undefined): ParsedTest['status'] {
  if (directive !== undefined) return directive.toUpperCase() === 'TODO' ? 'pending' : 'skipped';
  return failed ? 'failed' : 'passed';
}

/** node reports a file that cannot be loaded as a test with the file's name. */
function isFile(title: string): boolean {
  return /^\S*\.(?:[cm]?[jt]sx?)$/.test(title) || /^\/.*\.(?:[cm]?[jt]sx?)$/.test(title);
}

function unescapeTap(title: string): string {
  return title.replace(/\\([\\#])/g, '$1');
}

function yamlBlock(lines: readonly string[], from: number, indentation: number): string {
  if (lines[from]?.trim() !== '---') return '';
  const block: string[] = [];
  for (let index = from + 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.trim() === '...' && line.search(/\S/) <= indentation + 2) break;
    block.push(line.slice(indentation + 2));
  }
  return block.join('\n');
}

function messageIn(block: string): string | undefined {
  const found = /^error: (.*)$/m.exec(block);
  if (found === null) return undefined;
  const head = found[1] ?? '';
  if (!/^[|>]/.test(head)) return shorten(head.replace(/^(["'])(.*)\1$/, '$2'));
  const following = block.slice(found.index + found[0].length + 1).split('\n');
  const end = following.findIndex((line) => line.trim() !== '' && !line.startsWith(' '));
  return shorten(
    (end === -1 ? following : following.slice(0, end)).map((line) => line.replace(/^ {2}/, '')).join('\n'),
  );
}

/** The comment lines before the point hold what the file wrote when it broke. */
function nearestError(lines: readonly string[], index: number): string | undefined {
  for (let at = index - 1; at >= 0 && index - at < 60; at -= 1) {
    const line = lines[at] ?? '';
    if (!line.startsWith('#')) return undefined;
    const error = /^#\s+(\w*Error\b.*)$/.exec(line);
    if (error?.[1] !== undefined) return shorten(unescapeTap(error[1]));
  }
  return undefined;
}
