import { basename } from 'node:path';

/**
 * Commands in a message as their reader has to type them: whoever called this program through npx has no `murmur8` on
 * the path, and a plain `npx murmur8` would fetch a package of others (spec: protocols, numbers and platforms).
 * `orchestrate` is the other name of the program (spec: pipelines 9); who called it so types it so.
 */
export function asTyped(
  text: string,
  env: NodeJS.ProcessEnv = process.env,
  program: string = process.argv[1] ?? '',
): string {
  const name = /^orchestrate(\.(cmd|ps1))?$/.test(basename(program)) ? 'orchestrate ' : 'murmur8 ';
  const typed = env['npm_lifecycle_event'] === 'npx' ? `npx --no-install ${name}` : name;
  if (typed === 'murmur8 ') return text;
  return text.replace(/(?<!--no-install )(?<=^|[\s:`(])murmur8 (?=[a-z-])/g, typed);
}
