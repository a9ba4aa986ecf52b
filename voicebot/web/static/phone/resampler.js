// Changes the sample rate of a stream by band-limited interpolation (windowed sinc).
//
// Browsers run their audio at 44.1 or 48 kHz and may ignore a wish for 16 kHz, so both worklets
// convert by themselves. Everything above the lower of the two Nyquist limits is filtered away first:
// without that, hiss above 8 kHz would fold into the speech the recogniser hears.

const ZERO_CROSSINGS = 12;
const PHASES = 256;

/** One sinc lobe table: value at i / PHASES zero crossings from the centre, Blackman window. */
const KERNEL = (() => {
  const table = new Float32Array(ZERO_CROSSINGS * PHASES + 2);
  for (let i = 0; i <= ZERO_CROSSINGS * PHASES; i += 1) {
    const x = i / PHASES;
    const w = x / ZERO_CROSSINGS;
    const window = 0.42 + 0.5 * Math.cos(Math.PI * w) + 0.08 * Math.cos(2 * Math.PI * w);
    table[i] = (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * window;
  }
  return table;
})();

export class Resampler {
  /** @param {number} from samples per second in; @param {number} to samples per second out. */
  constructor(from, to) {
    this.step = from / to;
    this.cutoff = Math.min(1, to / from) * (from === to ? 1 : 0.92);
    this.reach = from === to ? 0 : Math.ceil(ZERO_CROSSINGS / this.cutoff);
    this.reset();
  }

  reset() {
    this.held = new Float32Array(this.reach);
    this.position = this.reach;
  }

  /** Takes any number of samples, gives those that are now complete. */
  process(input) {
    if (this.reach === 0) return input.slice();
    const all = new Float32Array(this.held.length + input.length);
    all.set(this.held);
    all.set(input, this.held.length);
    const last = all.length - this.reach - 1;
    const out = new Float32Array(Math.max(0, Math.floor((last - this.position) / this.step) + 1));
    let count = 0;
    while (count < out.length && this.position <= last) {
      out[count] = this.at(all, this.position);
      count += 1;
      this.position += this.step;
    }
    const drop = Math.max(0, Math.floor(this.position) - this.reach);
    this.held = all.slice(drop);
    this.position -= drop;
    return out.subarray(0, count);
  }

  at(samples, position) {
    const centre = Math.floor(position);
    let sum = 0;
    for (let k = centre - this.reach + 1; k <= centre + this.reach; k += 1) {
      const where = Math.abs(position - k) * this.cutoff * PHASES;
      const i = where | 0;
      if (i >= ZERO_CROSSINGS * PHASES) continue;
      sum += samples[k] * (KERNEL[i] + (where - i) * (KERNEL[i + 1] - KERNEL[i]));
    }
    return sum * this.cutoff;
  }
}
