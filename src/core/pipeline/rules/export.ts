import type { AuthoredExport } from '../authored.ts';
import { type Draft, itemPath, listOf } from '../draft.ts';
import { errorAt, type Finding, type Path } from '../finding.ts';
import { directoryFindings } from './directory.ts';

/** What a run gives out lies in the project, and its files lie where it says (definition.ts, Export). */
export function exportFindings(draft: Draft): Finding[] {
  const { export: written, closing } = draft.authored;
  if (written === undefined) return [];
  const findings = locationFindings(written);
  const { files } = written;
  for (const [index, glob] of listOf(files).entries())
    findings.push(...fileFindings(glob, itemPath(['export', 'files'], files, index)));
  if (closing === 'commit')
    findings.push(
      errorAt(['export'], 'key', 'a run with "closing: commit" has no "export"', {
        hint: 'it gives out its commit; take one of the two out',
      }),
    );
  return findings;
}

function locationFindings({ location, files }: AuthoredExport): Finding[] {
  const path: Path = ['export', 'location'];
  const isProject = location.split(/[/\\]/).every((part) => part === '' || part === '.');
  if (isProject && files === undefined && !/^[/\\]/.test(location))
    return [
      errorAt(path, 'value', '"location" is the whole project', {
        hint: 'name a directory in it, or the files with "files"',
      }),
    ];
  return directoryFindings(location, path, {
    label: '"location"',
    root: 'the project',
    example: 'dist, not /dist',
  });
}

/** Every character of a glob is one of its own, as with `produces`. */
function fileFindings(glob: string, path: Path): Finding[] {
  const offset = glob.indexOf(`\${`);
  if (offset >= 0)
    return [
      errorAt(path, 'value', 'no values are put into "files"', {
        hint: 'write "*" for the part that differs, or put the reference into "location"',
        within: { offset, length: 2 },
      }),
    ];
  return directoryFindings(glob.replace(/^!/, ''), path, {
    label: typeof path.at(-1) === 'number' ? 'each of "files"' : '"files"',
    root: 'the location',
    example: '*.png, not /dist/*.png',
  });
}
