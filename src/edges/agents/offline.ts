import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AgentEvent } from '../../core/agent/event.ts';
import type { DerivedFiles } from '../../core/feature/offline/documents.ts';
import { isDerived } from '../../core/feature/offline/mark.ts';
import { isFeatureStage } from '../../core/feature/paths.ts';
import type { Problem } from '../../core/problem.ts';
import { ok } from '../../core/result.ts';
import type { AgentOrder, AgentOutcome, AgentRunner } from '../../engine/ports.ts';
import { deriveStage, rateForStage } from './offline-stage.ts';
import { walkThrough } from './offline-walk.ts';
import { type OfflineWorkspace, openWorkspace } from './offline-workspace.ts';

/**
 * The runner that needs no model: it derives every artefact of the feature pipeline from the brief by rule, and says so
 * in each file; through the stages of other pipelines it only walks. It reports no usage, because it uses nothing that
 * is counted.
 */
export function createOfflineAgent(): AgentRunner {
  return {
    name: 'offline',
    probe: async () => ok({ runner: 'offline', login: 'ok', reportsCost: true }),
    run: async (order, onEvent, signal) => {
      const session = new OfflineSession(order, onEvent, signal);
      return session.run();
    },
  };
}

class OfflineSession {
  readonly #order: AgentOrder;
  readonly #onEvent: (event: AgentEvent) => void;
  readonly #signal: AbortSignal;
  readonly #log: string[] = [];

  constructor(order: AgentOrder, onEvent: (event: AgentEvent) => void, signal: AbortSignal) {
    this.#order = order;
    this.#onEvent = onEvent;
    this.#signal = signal;
  }

  run(): AgentOutcome {
    this.#emit({ type: 'started' });
    const outcome = this.#signal.aborted ? cancelled() : this.#perform();
    this.#log.push(
      `outcome: ${outcome.outcome}${outcome.message === undefined ? '' : `: ${outcome.message}`}`,
    );
    writePrivately(this.#order.logFile, `${this.#log.join('\n')}\n`);
    return outcome;
  }

  #perform(): AgentOutcome {
    const { job, cwd } = this.#order;
    const workspace = openWorkspace(cwd);
    if (job.kind === 'review') return this.#review(workspace);
    if (job.kind === 'audit') return this.#audit();
    if (job.slug === '' || !isFeatureStage(job.stage)) return this.#walk(workspace);
    const derived = deriveStage(job.stage, job, workspace, new Date().toISOString().slice(0, 10));
    if (!derived.ok) return this.#fail(derived.error);
    if (job.findings.length > 0) {
      this.#emit({
        type: 'message',
        text: 'the same brief always gives the same files: findings change nothing here',
      });
    }
    return this.#writeAll(workspace, derived.value);
  }

  #walk(workspace: OfflineWorkspace): AgentOutcome {
    const walked = walkThrough(this.#order, workspace, (event) => this.#emit(event));
    return walked.ok ? this.#finish(walked.value) : this.#fail(walked.error);
  }

  #review(workspace: OfflineWorkspace): AgentOutcome {
    const feedback = rateForStage(this.#order.job, workspace);
    if (!feedback.ok) return this.#fail(feedback.error);
    writePrivately(this.#order.answerFile, `${JSON.stringify(feedback.value, null, 2)}\n`);
    const { rating, recommendation } = feedback.value;
    return this.#finish(`rated ${rating} of 5 by counting what can be checked: ${recommendation}`);
  }

  /** Lets everything pass, so that a pipeline can be tried to its end, and says in the verdict that nobody looked. */
  #audit(): AgentOutcome {
    const text = 'the offline runner let it pass: nobody looked at it';
    writePrivately(this.#order.answerFile, `${JSON.stringify({ verdict: 'approved', findings: [text] })}\n`);
    return this.#finish(text);
  }

  #writeAll(workspace: OfflineWorkspace, files: DerivedFiles): AgentOutcome {
    let written = 0;
    for (const [path, text] of files) {
      if (this.#signal.aborted) return cancelled();
      const before = workspace.read(path);
      if (!before.ok) return this.#fail(before.error);
      if (!isDerived(before.value)) {
        this.#emit({ type: 'message', text: `${path} was written by somebody else and is kept` });
        continue;
      }
      const id = `write-${written + 1}`;
      this.#emit({ type: 'tool', phase: 'start', id, name: 'Write', subject: path });
      const done = workspace.write(path, text);
      this.#emit({ type: 'tool', phase: 'end', id, ok: done.ok });
      if (!done.ok) return this.#fail(done.error);
      this.#emit({ type: 'file', path, kind: done.value });
      written += 1;
    }
    return this.#finish(
      `${written} of ${files.size} files derived from ${this.#order.job.briefPath} by rule`,
    );
  }

  #finish(text: string): AgentOutcome {
    this.#emit({ type: 'message', text });
    this.#emit({ type: 'result', text, turns: 1 });
    return { outcome: 'ok', exitCode: 0, text };
  }

  #fail({ message, file, hint }: Problem): AgentOutcome {
    const place = file === undefined ? '' : `${file}: `;
    const text = `${place}${message}${hint === undefined ? '' : ` (${hint})`}`;
    this.#emit({ type: 'error', reason: 'unavailable', message: text });
    return { outcome: 'unavailable', message: text };
  }

  #emit(event: AgentEvent): void {
    this.#log.push(JSON.stringify(event));
    this.#onEvent(event);
  }
}

function cancelled(): AgentOutcome {
  return { outcome: 'cancelled', message: 'cancelled before everything was written' };
}

function writePrivately(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
}
