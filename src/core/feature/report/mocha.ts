import * as z from 'zod';
import { findJson, type ParsedReport, type ParsedTest, shorten } from './parsed-report.ts';

const testSchema = z.object({
  title: z.string(),
  fullTitle: z.string().optional(),
  err: z.object({ message: z.string().optional() }).optional(),
});

const reportSchema = z.object({
  stats: z.object({ tests: z.number() }),
  passes: z.array(testSchema),
  failures: z.array(testSchema),
  pending: z.array(testSchema),
});

/** The JSON reporter of mocha. It does not tell a test without a body from a skipped one: both are pending. */
export function parseMocha(output: string): ParsedReport | undefined {
  const report = reportSchema.safeParse(findJson(output));
  if (!report.success) return undefined;
  const { passes, failures, pending } = report.data;
  const tests: ParsedTest[] = [
    ...passes.map((test) => ({ title: test.fullTitle ?? test.title, status: 'passed' as const })),
    ...failures.map((test) => ({
      title: test.fullTitle ?? test.title,
      status: 'failed' as const,
      ...(test.err?.message === undefined ? {} : { message: shorten(test.err.message) }),
    })),
    ...pending.map((test) => ({ title: test.fullTitle ?? test.title, status: 'pending' as const })),
  ];
  return { tests, loadErrors: [] };
}
