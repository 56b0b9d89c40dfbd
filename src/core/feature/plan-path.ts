/** Why an agent's plan may not name this path; undefined when it may. Paths are relative to the project's root. */
export function refusePlanPath(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'holds a control character';
  if (path.includes('\\')) return 'holds a backslash; use /';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute; name it from the project root';
  if (path.startsWith('~')) return 'lies in a home directory';
  const parts = path.split('/');
  if (parts.includes('..')) return 'leaves its directory with ..';
  if (parts.includes('.')) return 'holds a superfluous . part';
  if (parts.includes('')) return path.endsWith('/') ? 'is a directory; name a file' : 'holds an empty part';
  // Compared without case, because some file systems do not tell .GIT from .git.
  const lower = parts.map((part) => part.toLowerCase().replace(/[. ]+$/, ''));
  if (lower.includes('.git')) return 'lies in .git, which belongs to git';
  if (lower[0] === '.claude') return "lies in .claude, which holds this program's state";
  return undefined;
}
