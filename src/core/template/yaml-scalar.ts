/** Text that YAML reads as itself where it stands bare as the value of a key. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_./=+-]*(?: [A-Za-z0-9_./=+-]+)*$/;

/** Words that YAML 1.1 or 1.2 takes for something other than text. */
const SPECIAL = /^(?:true|false|yes|no|on|off|null|y|n)$/i;

/** Text as a YAML scalar on one line, bare where that is safe. Whatever it holds is read back as it was. */
export function yamlScalar(text: string): string {
  return PLAIN.test(text) && !SPECIAL.test(text) ? text : quotedScalar(text);
}

/** JSON is YAML but for characters that may not stand in a YAML file unescaped. */
function quotedScalar(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
