import { CONFIG_SCHEMAS, type ConfigKind } from './kinds.ts';

/**
 * Every configuration as it is where there is no file, in JSON. The build puts the texts themselves into this place
 * (scripts/bundling.mjs), so that schemas are loaded only where there is a file to check.
 */
export const CONFIG_DEFAULTS: Readonly<Record<ConfigKind, string>> = {
  retry: JSON.stringify(CONFIG_SCHEMAS.retry.parse({})),
  feedback: JSON.stringify(CONFIG_SCHEMAS.feedback.parse({})),
  cost: JSON.stringify(CONFIG_SCHEMAS.cost.parse({})),
  stack: JSON.stringify(CONFIG_SCHEMAS.stack.parse({})),
  approval: JSON.stringify(CONFIG_SCHEMAS.approval.parse({})),
  notify: JSON.stringify(CONFIG_SCHEMAS.notify.parse({})),
};
