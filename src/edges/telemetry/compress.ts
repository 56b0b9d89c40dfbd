import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';

/** Base64 of the gzip-compressed text (seed 004, rule "artifact compression"). Synchronous, as the seed has it. */
export function compressArtifact(content: string | Uint8Array): string {
  return gzipSync(content).toString('base64');
}

/** The same for every artifact, on the thread pool; what the product itself uses. */
export async function compressArtifacts(
  artifacts: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const compress = promisify(gzip);
  const entries = Object.entries(artifacts).map(
    async ([name, text]) => [name, (await compress(text)).toString('base64')] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
