/** Somebody can be asked: both ends are terminals, and nobody said that this is a machine. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && (process.env['CI'] ?? '') === '';
}
