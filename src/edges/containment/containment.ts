import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { plainText } from '../../core/agent/plain-text.ts';
import { readsAtStart } from '../../core/agent/startup-files.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { ContainedSession, Containment, SessionPlace } from '../../engine/ports.ts';
import { undeserved } from './legitimate.ts';
import { createLooker, type Look } from './look.ts';
import { directoriesDownTo, type Place, placesOfDirectory, placesOfProject } from './places.ts';
import { createRecordWriter, type ProtectionRecord, readRecord } from './record.ts';
import { recover } from './recover.ts';
import { listed, ofGroup, refusal, startupMarks } from './tell.ts';
import { changesBetween, undo } from './undo.ts';

export interface ContainmentOptions {
  /** Absolute root of the working tree in which agents work. */
  readonly root: string;
  readonly stateDirectory: string;
  /** Directory of a run's files; there before anything is asked of it. */
  readonly directoryOf: (runId: string) => string;
  /** Hides known secrets, in names and in what is kept. */
  readonly mask: (text: string) => string;
  /** Which of the absolute paths git ignores; all where there is no git. */
  readonly isIgnored: (paths: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** Looks after the protected files of a project while the stages of one run are at work. */
export function createContainment(options: ContainmentOptions): Containment {
  const { root } = options;
  const look = createLooker();
  const clean = (text: string) => options.mask(plainText(text)).replace(/\s+/g, ' ');
  const ofProject = placesOfProject(root, options.stateDirectory);
  let record: ProtectionRecord | undefined;
  let save: (record: ProtectionRecord) => void = () => {};
  let directory = '';
  const pending: string[] = [];
  let agents = 0;
  let commands = 0;
  /** Since the first of those that are at work began. */
  let commandSeen = false;
  let before: Look | undefined;
  // Read once before anybody waits for the start of an agent.
  look([...ofProject, ...placesOfDirectory(root, root)]);

  function places(directories: readonly string[]): readonly Place[] {
    return [...ofProject, ...directories.flatMap((each) => placesOfDirectory(root, join(root, each)))];
  }

  function now(known: ProtectionRecord): Look {
    return look(places(known.directories));
  }

  function ensure(runId: string): ProtectionRecord {
    if (record !== undefined) return record;
    directory = options.directoryOf(runId);
    save = createRecordWriter(directory, options.mask);
    const found = readRecord(directory);
    if (found === undefined) {
      const first = look(places(['']));
      record = {
        since: Date.now(),
        atWork: 'nobody',
        directories: [''],
        began: startupMarks(first),
        changedBy: {},
        told: {},
        left: first,
      };
    } else {
      const kept = nextKept();
      const recovered = recover(found, () => now(found), places(found.directories), kept);
      record = recovered.record;
      pending.push(...recovered.notices.map((notice) => notice(clean, shownPlace(kept))));
    }
    save(record);
    return record;
  }

  /** Directories in which no agent has worked yet: what lies there since before the run is the project's. */
  function learn(known: ProtectionRecord, cwd: string): ProtectionRecord {
    const fresh = directoriesDownTo(root, cwd)
      .map((each) => relative(root, each))
      .filter((each) => !known.directories.includes(each));
    if (fresh.length === 0) return known;
    const directories = [...known.directories, ...fresh];
    const found = look(places(directories));
    const inFresh = [...found.entries.values()].filter(
      ({ shown, group, changedAt }) =>
        group === 'startup' &&
        changedAt <= known.since &&
        fresh.some((each) => shown.startsWith(`${each}/`)) &&
        known.began[shown] === undefined,
    );
    const began = { ...known.began, ...Object.fromEntries(inFresh.map(({ shown, mark }) => [shown, mark])) };
    if (before !== undefined) before = withMore(before, found, known);
    return { ...known, directories, began };
  }

  /** A session that joins others brings its directories along. */
  function withMore(old: Look, found: Look, known: ProtectionRecord): Look {
    const knownPaths = now(known).entries;
    const added = [...found.entries].filter(([path]) => !knownPaths.has(path));
    return {
      entries: new Map([...old.entries, ...added]),
      anchors: new Map([...found.anchors, ...old.anchors]),
    };
  }

  function note(change: Partial<ProtectionRecord>): void {
    if (record === undefined) return;
    record = { ...record, ...change };
    save(record);
  }

  function atWork(): ProtectionRecord['atWork'] {
    if (agents + commands === 0) return 'nobody';
    return commandSeen ? 'command' : 'agent';
  }

  function noteChangers(earlier: Look, later: Look, who: string): void {
    const changed = changesBetween(ofGroup(earlier, 'startup'), ofGroup(later, 'startup'));
    if (record === undefined || changed.length === 0) return;
    const names = changed.map(({ before: was, after: is }) => [(was ?? is)?.shown ?? '', who] as const);
    record = { ...record, changedBy: { ...record.changedBy, ...Object.fromEntries(names) } };
  }

  function nextKept(): string {
    for (let number = 1; ; number += 1) {
      const path = join(directory, 'undone', String(number));
      if (!existsSync(path)) return path;
    }
  }

  function shownPlace(path: string): string {
    const way = relative(root, path);
    return way.startsWith('..') ? path : way;
  }

  async function close({ stage }: SessionPlace): Promise<readonly string[]> {
    const notices: string[] = [];
    try {
      if (record === undefined || before === undefined) return notices;
      const changes = changesBetween(before, now(record));
      if (changes.length === 0) return notices;
      const passed = new Set(await undeserved(changes, options.isIgnored));
      const wrong = changes.filter((change) => !passed.has(change));
      if (commandSeen && wrong.length > 0) {
        notices.push(
          `protected files changed while ${stage} and a command were at work, and were left as they are: ${listed(wrong, clean)}`,
        );
      } else if (wrong.length > 0) {
        const kept = nextKept();
        const left = new Set(undo(wrong, before, kept));
        const undone = wrong.filter((change) => !left.has(change));
        const moved = existsSync(kept) ? `; what was there is kept in ${shownPlace(kept)}` : '';
        if (undone.length > 0)
          notices.push(
            `protected files that changed while ${stage} was at work were put back: ${listed(undone, clean)}${moved}`,
          );
        if (left.size > 0)
          notices.push(
            `protected files changed while ${stage} was at work and could not be put back, look at them: ${listed([...left], clean)}`,
          );
      }
      const after = now(record);
      noteChangers(before, after, `the agent of ${stage}`);
      before = after;
      return notices;
    } finally {
      agents -= 1;
      ended();
    }
  }

  function ended(): void {
    if (agents + commands > 0 || record === undefined) return;
    before = undefined;
    commandSeen = false;
    try {
      note({ left: now(record), atWork: 'nobody' });
    } catch {
      // On a full disk: what an agent has done does not get lost for that. The journal will tell of the disk.
    }
  }

  return {
    open(place: SessionPlace): Result<ContainedSession> {
      const known = learn(ensure(place.runId), place.cwd);
      record = known;
      const found = now(known);
      const refused = refusal(known, found, (path) => readsAtStart(place.runner, path), clean);
      if (refused !== undefined) {
        note({ told: { ...known.told, ...refused.told } });
        return fail(refused.problem);
      }
      before ??= found;
      agents += 1;
      note({ left: agents + commands === 1 ? found : known.left, atWork: atWork() });
      return ok({ notices: pending.splice(0), close: () => close(place) });
    },
    command(runId, name) {
      const known = ensure(runId);
      const found = now(known);
      commands += 1;
      commandSeen = true;
      note({ left: agents + commands === 1 ? found : known.left, atWork: atWork() });
      return () => {
        if (record !== undefined) noteChangers(found, now(record), name);
        commands -= 1;
        ended();
      };
    },
  };
}
