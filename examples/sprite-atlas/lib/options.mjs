import { parseArgs } from 'node:util';

/** Options of the command line by name; all of them hold text, and every one of `names` has a value. */
export function optionsOf(names) {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string', default: '' }]));
  return parseArgs({ options }).values;
}

/**
 * Reads `4,3:2`: numbers of frames, from one, each with a number behind a colon or else `unsaid`.
 * Throws where the text is anything else.
 */
export function frameList(text, option, unsaid) {
  const list = new Map();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const match = /^([1-9]\d*)(?::([1-9]\d*))?$/.exec(entry);
    if (match === null) throw new Error(`${option}: "${entry}" names no frame; write 4, or 3:2, or 4,3:2`);
    list.set(Number(match[1]), match[2] === undefined ? unsaid : Number(match[2]));
  }
  return list;
}

/** A whole number from zero on; `unsaid` for no text. Throws where the text is anything else. */
export function wholeNumber(text, option, unsaid) {
  if (text === '') return unsaid;
  if (!/^\d{1,6}$/.test(text)) throw new Error(`${option}: "${text}" is no whole number`);
  return Number(text);
}
