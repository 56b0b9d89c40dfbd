/** Sends a signal to a process, or with a negative id to a group; false if there is none that we may signal. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
