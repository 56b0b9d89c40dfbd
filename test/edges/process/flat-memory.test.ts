import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

it('output of 200 MB is followed without holding it in memory', () => {
  const directory = mkdtempSync(join(tmpdir(), 'murmur8-flat-'));
  const module = pathToFileURL('src/edges/process/supervise.ts').href;
  const flood = `const b = Buffer.alloc(1 << 20, 'x'.repeat(1023) + '\\n'); for (let i = 0; i < 200; i++) require('fs').writeSync(1, b)`;
  const script = `
    import { superviseProcess } from '${module}';
    let lines = 0;
    const result = await superviseProcess({
      program: process.execPath, args: ['-e', ${JSON.stringify(flood)}], cwd: '/', env: {}, marker: 'flat-memory/' + process.pid,
      spoolDir: '${directory}', logFile: '${directory}/log', timeoutMs: 50_000, stopLadder: [],
      mask: (text) => text, onLine: () => { lines += 1 },
    }, new AbortController().signal);
    console.log(JSON.stringify({ cause: result.cause, lines, maxRssKb: process.resourceUsage().maxRSS }));`;
  try {
    const printed = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    const { cause, lines, maxRssKb } = JSON.parse(printed) as {
      cause: string;
      lines: number;
      maxRssKb: number;
    };
    expect([cause, lines]).toEqual(['exited', 200 * 1024]);
    expect(maxRssKb).toBeLessThan(190 * 1024);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
