/** Program and arguments that start this very program, without a command. */
export function ownCommand(): readonly [string, ...string[]] {
  const options = process.execArgv.filter((option) => !option.startsWith('--inspect'));
  return [process.execPath, ...options, process.argv[1] ?? ''];
}
