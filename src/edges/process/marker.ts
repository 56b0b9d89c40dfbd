/** Environment variable by which every descendant of an attempt is found, whatever group or session it moved to. */
const MARKER_VARIABLE = 'MURMUR8_ATTEMPT';

/**
 * A list, so that when an agent itself starts murmur8, the children of the inner run still carry the marker of
 * the outer attempt and end with it.
 */
export function markerEnvironment(marker: string): Readonly<Record<string, string>> {
  const outer = process.env[MARKER_VARIABLE];
  return { [MARKER_VARIABLE]: outer === undefined || outer === '' ? marker : `${outer} ${marker}` };
}

/** The markers in an environment block as the kernel shows it (entries divided by NUL). */
export function markersIn(environmentBlock: string): readonly string[] {
  const prefix = `${MARKER_VARIABLE}=`;
  const entry = environmentBlock.split('\0').find((candidate) => candidate.startsWith(prefix));
  return entry === undefined ? [] : entry.slice(prefix.length).split(' ');
}
