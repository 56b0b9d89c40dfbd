/** A path below `cwd` as seen from there; any other as it is. */
export function relativeTo(cwd: string, path: string): string {
  const root = cwd.endsWith('/') ? cwd : `${cwd}/`;
  return path.startsWith(root) ? path.slice(root.length) : path;
}
