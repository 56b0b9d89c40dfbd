/** Versions of an agent that a runner was made for: `from` was tested, and at `below` begins what nobody has looked at. */
export interface TestedVersions {
  readonly from: string;
  readonly below: string;
}

/** What a version outside of them means, for people; undefined for one that is inside, or that cannot be read. */
export function untestedVersion(version: string, tested: TestedVersions): string | undefined {
  const age = versionAge(version, tested);
  if (age === 'ok') return undefined;
  return `version ${version} is ${age} than what was tested (${testedRange(tested)})`;
}

/** Where a version stands to them. */
export function versionAge(version: string, tested: TestedVersions): 'ok' | 'older' | 'newer' {
  if (isBefore(version, tested.from)) return 'older';
  return isBefore(version, tested.below) ? 'ok' : 'newer';
}

/** For people. */
export function testedRange({ from, below }: TestedVersions): string {
  return `${from} up to, but not including, ${below}`;
}

function isBefore(version: string, limit: string): boolean {
  const left = numbersOf(version);
  const right = numbersOf(limit);
  for (const [index, number] of right.entries()) {
    const other = left[index] ?? 0;
    if (other !== number) return other < number;
  }
  return false;
}

/** A suffix such as `-beta.1` belongs to the version that it leads to. */
function numbersOf(version: string): readonly number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}
