/** The part of JSON Schema (2020-12) that the published schema uses; a keyword beyond it is an error of the test. */
type Schema = Readonly<Record<string, unknown>>;

const PASSED_OVER = new Set(['$schema', '$defs', 'title', 'description', 'patternProperties', 'id']);

export function matches(schema: Schema, value: unknown, root: Schema): boolean {
  return Object.entries(schema).every(([keyword, wanted]) => {
    if (PASSED_OVER.has(keyword)) return true;
    const rule = RULES[keyword];
    if (rule === undefined) throw new Error(`the matcher does not know ${keyword}`);
    return rule(wanted, value, root, schema);
  });
}

type Rule = (wanted: unknown, value: unknown, root: Schema, schema: Schema) => boolean;

const RULES: Readonly<Record<string, Rule>> = {
  $ref: (wanted, value, root) => {
    const at = String(wanted).replace('#/$defs/', '');
    const target = String(wanted) === '#' ? root : (root['$defs'] as Record<string, Schema>)[at];
    if (target === undefined) throw new Error(`no ${String(wanted)}`);
    return matches(target, value, root);
  },
  type: (wanted, value) => [wanted].flat().some((type) => isOfType(String(type), value)),
  enum: (wanted, value) => (wanted as unknown[]).includes(value),
  pattern: (wanted, value) => typeof value !== 'string' || new RegExp(String(wanted), 'u').test(value),
  minLength: (wanted, value) => typeof value !== 'string' || value.length >= Number(wanted),
  minimum: (wanted, value) => typeof value !== 'number' || value >= Number(wanted),
  maximum: (wanted, value) => typeof value !== 'number' || value <= Number(wanted),
  exclusiveMinimum: (wanted, value) => typeof value !== 'number' || value > Number(wanted),
  minItems: (wanted, value) => !Array.isArray(value) || value.length >= Number(wanted),
  items: (wanted, value, root) =>
    !Array.isArray(value) || value.every((item) => matches(wanted as Schema, item, root)),
  required: (wanted, value) =>
    !isMap(value) || (wanted as string[]).every((key) => Object.hasOwn(value, key)),
  properties: (wanted, value, root) =>
    !isMap(value) ||
    Object.entries(wanted as Record<string, Schema>).every(
      ([key, schema]) => !Object.hasOwn(value, key) || matches(schema, value[key], root),
    ),
  propertyNames: (wanted, value, root) =>
    !isMap(value) || Object.keys(value).every((key) => matches(wanted as Schema, key, root)),
  additionalProperties: (wanted, value, root, schema) => {
    if (!isMap(value)) return true;
    const known = Object.keys((schema['properties'] ?? {}) as object);
    const patterns = Object.keys((schema['patternProperties'] ?? {}) as object);
    const others = Object.keys(value).filter(
      (key) => !known.includes(key) && !patterns.some((pattern) => new RegExp(pattern, 'u').test(key)),
    );
    return others.every((key) => wanted !== false && matches(wanted as Schema, value[key], root));
  },
  anyOf: (wanted, value, root) => (wanted as Schema[]).some((schema) => matches(schema, value, root)),
  allOf: (wanted, value, root) => (wanted as Schema[]).every((schema) => matches(schema, value, root)),
  not: (wanted, value, root) => !matches(wanted as Schema, value, root),
};

function isOfType(type: string, value: unknown): boolean {
  if (type === 'object') return isMap(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
