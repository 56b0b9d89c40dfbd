import { fail, ok, type Result } from '../result.ts';
import type { PipelineEvent } from './event.ts';
import { eventsOfPush } from './github-push.ts';
import { pullRequestOf, type Subject, subjectOf } from './github-subject.ts';
import { factsOf, textAt, valueAt } from './payload.ts';

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const DELIVERY_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * The events that a webhook of GitHub stands for: none for a ping or a deletion, otherwise one. Its type is `push`, or
 * `<name>.<action>`, or the name alone where there is no action; a pull request that was closed because it was merged
 * is `pull_request.merged` (spec: pipelines 8).
 *
 * @param name of the header `X-GitHub-Event`
 * @param deliveryId of the header `X-GitHub-Delivery`
 * @returns Problem `bad-event` where the payload is not one of GitHub's.
 */
export function eventFromGitHub(
  name: string,
  deliveryId: string | undefined,
  payload: unknown,
): Result<readonly PipelineEvent[]> {
  if (!NAME.test(name))
    return bad('the name of the event is malformed', 'it comes in the header X-GitHub-Event');
  if (deliveryId !== undefined && !DELIVERY_ID.test(deliveryId))
    return bad('the delivery id is malformed', 'it comes in the header X-GitHub-Delivery');
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    return bad('the payload is no JSON object', 'set the webhook’s content type to application/json');
  const events = eventsOf(name, payload);
  if (!events.ok || deliveryId === undefined) return events;
  return ok(events.value.map((event) => ({ ...event, deliveryId })));
}

function eventsOf(name: string, payload: object): Result<readonly PipelineEvent[]> {
  if (name === 'ping') return ok([]);
  if (name === 'push') return eventsOfPush(payload);
  const action = valueAt(payload, 'action');
  if (action !== undefined && (typeof action !== 'string' || !NAME.test(action)))
    return bad('the action of the event is malformed', 'the body has to be the JSON that GitHub sends');
  if (name === 'pull_request' && action === undefined)
    return bad('the pull request says no action', 'the body has to be the JSON that GitHub sends');
  const isAboutPullRequest = name === 'pull_request' || valueAt(payload, 'pull_request') !== undefined;
  const subject = isAboutPullRequest
    ? pullRequestOf(valueAt(payload, 'pull_request'))
    : ok(subjectOf(payload));
  if (!subject.ok) return subject;
  const merged = name === 'pull_request' && action === 'closed' && subject.value.merged === true;
  const happened = merged ? 'merged' : action;
  return ok([eventAbout(happened === undefined ? name : `${name}.${happened}`, payload, subject.value)]);
}

function eventAbout(type: string, payload: object, subject: Subject): PipelineEvent {
  const actor = textAt(payload, 'sender', 'login');
  const event = factsOf({
    ...subject.event,
    actor,
    action: textAt(payload, 'action'),
    repository: textAt(payload, 'repository', 'full_name'),
  });
  return {
    type,
    facts: {
      ...(subject.branch === undefined ? {} : { branch: subject.branch }),
      ...(subject.labels === undefined ? {} : { labels: subject.labels }),
      ...(event === undefined ? {} : { event }),
    },
    isFork: subject.isFork,
    ...(actor === undefined ? {} : { actor }),
  };
}

function bad(message: string, hint: string): Result<never> {
  return fail({ code: 'bad-event', message, hint });
}
