/** Who or what a failed run failed by: the work itself, the world around it, or a person's decision. */
export type FailureKind = 'work' | 'environment' | 'person';

const BY_A_PERSON: ReadonlySet<string> = new Set([
  'USER_CANCELLED',
  'SUPERSEDED',
  'COMMIT_DECLINED',
  'APPROVAL_REJECTED',
  'APPROVAL_EXPIRED',
]);

/** By the reason code (core/status/reason.ts). Without a code, as before 5.0, it counts as the work's own. */
export function failureKindOf(code: string | undefined): FailureKind {
  if (code === undefined) return 'work';
  if (BY_A_PERSON.has(code)) return 'person';
  return code.startsWith('SYS_') || code.startsWith('DEP_') ? 'environment' : 'work';
}
