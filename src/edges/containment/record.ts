import { join } from 'node:path';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readTextBounded } from '../files/bounded-read.ts';
import type { Entry, Look } from './look.ts';
import { parseContents, parseStoredRecord } from './stored-record.ts';

/** What is kept of protected files with a run, so that whoever continues it knows how they were. */
export interface ProtectionRecord {
  /** When the run was first looked at, in ms since the epoch. */
  readonly since: number;
  /** Somebody was at work when this was written: an agent, or a command, whose changes are its author's. */
  readonly atWork: 'nobody' | 'agent' | 'command';
  /** Below the root, relative to it: where agents have worked. */
  readonly directories: readonly string[];
  /** Startup files that the run began with, or that became the user's since: their marks by name. */
  readonly began: Readonly<{ [shown: string]: string }>;
  /** Who changed one since, by name. */
  readonly changedBy: Readonly<{ [shown: string]: string }>;
  /** What a refusal named, with its mark: whoever goes on after it has been told, and takes it as it is. */
  readonly told: Readonly<{ [shown: string]: string }>;
  /** How everything was left when nobody was at work. */
  readonly left: Look;
}

const NAME = 'protected.json';
const CONTENTS = 'protected-contents.json';
const LARGEST = 64 * 1024 * 1024;

/** What an earlier process kept; undefined if there is nothing that can be understood. */
export function readRecord(directory: string): ProtectionRecord | undefined {
  const document = jsonOf(join(directory, NAME));
  // A new run has none: then nothing is loaded that could read one.
  const stored = document === undefined ? undefined : parseStoredRecord(document);
  if (stored === undefined) return undefined;
  const { left, anchors, version: _, ...rest } = stored;
  const contents = parseContents(jsonOf(join(directory, CONTENTS)));
  const entries = left.map((entry): [string, Entry] => {
    const text = contents[entry.mark];
    return [
      entry.path,
      { ...entry, changedAt: 0, ...(text === undefined ? {} : { content: Buffer.from(text) }) },
    ];
  });
  return { ...rest, left: { entries: new Map(entries), anchors: new Map(Object.entries(anchors)) } };
}

/**
 * Keeps records in the directory of a run. Contents go along where they hold no secret, so that they can be put back
 * after a crash; those of a person's own files never do.
 *
 * @param mask hides what is known or looks like a secret
 */
export function createRecordWriter(directory: string, mask: (text: string) => string) {
  let keptMarks = '';
  const judged = new Map<string, string | undefined>();

  function textOf({ group, content, mark }: Entry): string | undefined {
    if (content === undefined || group === 'secret' || group === 'config') return undefined;
    if (!judged.has(mark)) {
      const text = content.toString();
      const isPlain = Buffer.from(text).equals(content) && mask(text) === text;
      judged.set(mark, isPlain ? text : undefined);
    }
    return judged.get(mark);
  }

  return (record: ProtectionRecord): void => {
    const entries = [...record.left.entries.values()];
    const marks = entries.map(({ mark }) => mark).join('\n');
    if (marks !== keptMarks) {
      const contents = entries.flatMap((entry) => {
        const text = textOf(entry);
        return text === undefined ? [] : [[entry.mark, text] as const];
      });
      writeFileAtomic(join(directory, CONTENTS), JSON.stringify(Object.fromEntries(contents)));
      keptMarks = marks;
    }
    const { left, ...rest } = record;
    const document = {
      version: 1,
      ...rest,
      left: entries.map(({ content: _content, changedAt: _changedAt, ...entry }) => entry),
      anchors: Object.fromEntries(left.anchors),
    };
    writeFileAtomic(join(directory, NAME), JSON.stringify(document));
  };
}

function jsonOf(path: string): unknown {
  const text = readTextBounded(path, LARGEST);
  if (!text.ok || text.value === undefined) return undefined;
  try {
    return JSON.parse(text.value);
  } catch {
    return undefined;
  }
}
