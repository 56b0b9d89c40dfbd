// Draws one frame. Which frames come out wrong, and how, is told on the command line: see README.md.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { drawFlame, WIDTH } from './lib/flame.mjs';
import { hold } from './lib/hold.mjs';
import { writeImage } from './lib/image.mjs';
import { frameList, optionsOf, wholeNumber } from './lib/options.mjs';
import { answer, orderIn, placesIn } from './lib/order.mjs';
import { mixed, paletteFrom, referencePalette } from './lib/palette.mjs';

const FRAMES_IN_THE_LOOP = 8;
/** How many steps of a drift each strategy takes back. A frame that drifts further is beyond rescue. */
const RESCUES = { IDENTITY_RESCUE: 1, PALETTE_SNAP: 2, REFERENCE_LOCK: 3 };
const BEYOND_RESCUE = 4;
const COLD = [43, 108, 255];
/** What programs end with where it may go better a little later; the pipeline tries again after a pause. */
const TRY_LATER = 75;

const env = process.env;
try {
  const options = optionsOf(['drift', 'defect', 'flaky', 'broken', 'api', 'pace', 'hold']);
  const order = orderIn(env);
  const { drawn } = placesIn(env);
  await pause(wholeNumber(options.pace, 'pace', 0));
  await hold(options.hold, 'hold', order);
  if (frameList(options.broken, 'broken', 1).has(order.frame)) throw new Error(`${order.item} cannot be drawn`);
  if (order.attempt <= (frameList(options.flaky, 'flaky', 1).get(order.frame) ?? 0)) throw tryLater(order);
  const palette = options.api === '' ? referencePalette() : await asked(options.api);
  const drift = frameList(options.drift, 'drift', BEYOND_RESCUE).get(order.frame) ?? 0;
  const left = Math.max(0, drift - (RESCUES[order.strategy] ?? 0));
  const image = drawFlame({ frame: order.frame, count: FRAMES_IN_THE_LOOP, palette, ...defects(options.defect, left, palette) });
  writeImage(join(drawn, `${order.item}.png`), image);
  console.log(`${order.item}: attempt ${order.attempt}${order.strategy === '' ? '' : ` with ${order.strategy}`}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = error.exitCode ?? 1;
}

function tryLater({ item, attempt }) {
  return Object.assign(new Error(`${item}: the brush was busy at attempt ${attempt}`), { exitCode: TRY_LATER });
}

/** What is wrong with a frame that has so many steps of drift left. */
function defects(kind, steps, palette) {
  if (steps === 0) return {};
  switch (kind) {
    case '':
    case 'palette':
      return { palette: mixed(palette, COLD, Math.min(1, 0.2 * steps)) };
    case 'size':
      return { width: WIDTH + 2 * steps };
    case 'alpha':
      return { plumpness: 0.5 / steps };
    default:
      throw new Error(`defect: "${kind}" is none of palette, size and alpha`);
  }
}

/** A service that does not answer is nothing that another attempt at the drawing would mend: murmur8 is told so. */
async function asked(address) {
  try {
    return await paletteFrom(address);
  } catch (error) {
    const text = `the palette service at ${address} is not available: ${error.message || error.code}`;
    answer(env, { failure: { text, code: 'DEP_API_UNAVAILABLE' } });
    throw new Error(text);
  }
}
