import * as z from 'zod';
import { findJson, type LoadError, type ParsedReport, type ParsedTest, shorten } from './parsed-report.ts';

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string().default(''),
      status: z.string().optional(),
      message: z.string().nullish(),
      assertionResults: z
        .array(
          z.object({
            title: z.string(),
            ancestorTitles: z.array(z.string()).default([]),
            status: z.string(),
            failureMessages: z.array(z.string()).nullish(),
          }),
        )
        .default([]),
    }),
  ),
});

const STATUS: Readonly<Record<string, ParsedTest['status']>> = {
  passed: 'passed',
  failed: 'failed',
  todo: 'pending',
  pending: 'skipped',
  skipped: 'skipped',
  disabled: 'skipped',
};

/** The JSON reporters of jest and vitest, which share their shape. */
export function parseJest(output: string): ParsedReport | undefined {
  const report = reportSchema.safeParse(findJson(output));
  if (!report.success) return undefined;
  const tests: ParsedTest[] = [];
  const loadErrors: LoadError[] = [];
  for (const file of report.data.testResults) {
    if (file.status === 'failed' && file.assertionResults.length === 0) {
      loadErrors.push({ file: file.name, message: shorten(file.message ?? 'the file could not be run') });
    }
    for (const result of file.assertionResults) {
      const message = result.failureMessages?.[0];
      tests.push({
        title: [...result.ancestorTitles, result.title].filter((part) => part !== '').join(' › '),
        status: STATUS[result.status] ?? 'failed',
        ...(message === undefined ? {} : { message: shorten(message) }),
      });
    }
  }
  return { tests, loadErrors };
}
