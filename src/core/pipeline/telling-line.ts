/** What Node.js prints below an error that nobody caught. */
const NODE_TRAILER = /^Node\.js v\d+\.\d+\.\d+\S*$/;
/** How an error begins: `TypeError: …`, `Error [ERR_MODULE_NOT_FOUND]: …`, `Uncaught RangeError: …`. */
const ERROR_LINE = /^(?:Uncaught )?(?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$]*(?:Error|Exception)(?: \[[^\]]*\])?: \S/;

const LONGEST = 300;
/** An error and its stack are found within so much of the end of an output. */
const LOOKED_AT = 64 * 1024;

/**
 * The line of an output that says best why a command failed: the last one, as most programs have it; where Node.js
 * has printed its version below an error, the error. Undefined for an output without a line. At most 300 characters.
 */
export function tellingLine(output: string): string | undefined {
  const lines = output
    .slice(-LOOKED_AT)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const last = lines.at(-1);
  const isTrailer = last !== undefined && NODE_TRAILER.test(last);
  const line = (isTrailer ? lines.findLast((candidate) => ERROR_LINE.test(candidate)) : undefined) ?? last;
  return line?.slice(0, LONGEST);
}
