import type { JsonValue } from './example.ts';

/** How a project's JavaScript is written. */
export interface JavaScriptDialect {
  /** TypeScript syntax, in `.ts` files. */
  readonly typed: boolean;
  /** `import` and `export`, or `require`. */
  readonly modules: 'esm' | 'commonjs';
  readonly testRunner: 'node:test' | 'vitest' | 'jest' | 'mocha';
}

/** A literal that every JavaScript reads as this value. */
export function literal(value: JsonValue): string {
  const json = JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  // In a literal this key would set the prototype; parsed, it is a key like any other.
  return json.includes('"__proto__"') ? `JSON.parse(${JSON.stringify(json)})` : json;
}

/** Text inside a block comment. */
export function inComment(text: string): string {
  return text.replaceAll('*/', '* /');
}
