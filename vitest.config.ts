import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: process.env['MURMUR8_TEST_FULL'] ? [] : ['test/full/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['test/rig/build-once.ts'],
    env: { NO_COLOR: '1' },
  },
});
