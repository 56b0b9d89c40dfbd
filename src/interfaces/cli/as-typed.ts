/**
 * Commands in a message as their reader has to type them: whoever called this program through npx has no `murmur8` on
 * the path, and a plain `npx murmur8` would fetch a package of others (spec: protocols, numbers and platforms).
 */
export function asTyped(text: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env['npm_lifecycle_event'] !== 'npx') return text;
  return text.replace(/(?<!--no-install )(?<=^|[\s:`(])murmur8 (?=[a-z-])/g, 'npx --no-install murmur8 ');
}
