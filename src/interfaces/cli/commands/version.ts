export async function main(): Promise<number> {
  process.stdout.write(`${process.env['MURMUR8_VERSION'] ?? 'dev'}\n`);
  return 0;
}
