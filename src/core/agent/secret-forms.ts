/** Shorter pieces of an encoded value would hit ordinary words. */
const MIN_FORM_LENGTH = 8;

/**
 * A value as it may stand in a text: by itself, inside JSON and inside JSON in JSON, in an address, in base64 (also in
 * the midst of something longer that was encoded) and in hexadecimal digits.
 */
export function formsOf(value: string): readonly string[] {
  const quoted = JSON.stringify(value).slice(1, -1);
  const bytes = [...new TextEncoder().encode(value)];
  const base64 = [0, 1, 2].map((before) => base64Within(bytes, before));
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const forms = [
    value,
    quoted,
    JSON.stringify(quoted).slice(1, -1),
    inAddress(value),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
  ];
  return [...new Set(forms.filter((form) => form.length >= MIN_FORM_LENGTH))];
}

function inAddress(value: string): string {
  // Half a character has no form there.
  return encodeURIComponent(value.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}

/** The digits that a value alone decides, where so many bytes stand before it in what is encoded. */
function base64Within(bytes: readonly number[], before: number): string {
  const padded = [...Array.from({ length: before }, () => 0), ...bytes];
  const encoded = btoa(String.fromCharCode(...padded.slice(0, LONGEST_ENCODED)));
  const bits = Math.min(padded.length, LONGEST_ENCODED) * 8;
  return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
}

/** The beginning of a long value tells it well enough, and whoever sees the rest has not the whole. */
const LONGEST_ENCODED = 3 * 1024;
