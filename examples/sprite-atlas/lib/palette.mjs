import { readFileSync } from 'node:fs';
import { get } from 'node:http';

/** The colours of the character, dark to bright, as [red, green, blue]. */
export function referencePalette() {
  return coloursIn(readFileSync(new URL('../palette.json', import.meta.url), 'utf8'));
}

/** The same from a service that answers with such a list. Throws where there is no service, or no list. */
export function paletteFrom(address) {
  return new Promise((resolve, reject) => {
    const request = get(address, { timeout: 5_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        try {
          if (response.statusCode !== 200) throw new Error(`it answers ${response.statusCode}`);
          resolve(coloursIn(text));
        } catch (error) {
          reject(error);
        }
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 5 s')));
    request.on('error', reject);
  });
}

/** The colours, each moved towards another one by a share from 0 to 1. */
export function mixed(palette, towards, share) {
  return palette.map((colour) => colour.map((part, index) => Math.round(part + (towards[index] - part) * share)));
}

/** Distance of a colour to the nearest one of a palette, 0 to 441. */
export function distance(colour, palette) {
  return Math.min(
    ...palette.map((other) => Math.hypot(colour[0] - other[0], colour[1] - other[1], colour[2] - other[2])),
  );
}

function coloursIn(text) {
  const list = JSON.parse(text);
  if (!Array.isArray(list) || list.length === 0) throw new Error('it gives no list of colours');
  return list.map((colour) => {
    const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
    if (match === null) throw new Error(`${JSON.stringify(colour)} is no colour such as #f2701d`);
    return match.slice(1).map((part) => Number.parseInt(part, 16));
  });
}
