/**
 * Somebody can be asked: both ends are terminals, and nobody said that this is a machine. Standard input is looked at
 * last, because Node loads its reader for the look.
 */
export function canAsk(): boolean {
  return process.stderr.isTTY === true && (process.env['CI'] ?? '') === '' && process.stdin.isTTY === true;
}
