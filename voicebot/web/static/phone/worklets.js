// The two ends of the call inside the browser's audio thread: `capture` (microphone → 20 ms frames
// of 16 kHz PCM16) and `playback` (frames → loudspeaker through a small jitter buffer).

import { Resampler } from "./resampler.js";

const RATE = 16000;
const FRAME = 320;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.power = 0;
  }

  process([[input]]) {
    if (!input) return true;
    for (const sample of this.resampler.process(input)) {
      this.power += sample * sample;
      this.frame[this.filled] = Math.max(-32768, Math.min(32767, Math.round(sample * 32767)));
      this.filled += 1;
      if (this.filled === FRAME) this.hand();
    }
    return true;
  }

  hand() {
    const pcm = this.frame.slice().buffer;
    this.port.postMessage({ pcm, level: Math.sqrt(this.power / FRAME) }, [pcm]);
    this.filled = 0;
    this.power = 0;
  }
}

const START = 0.08; // seconds gathered before sound begins; hides ordinary network jitter
const START_MAX = 0.14; // after gaps the buffer grows up to this
const PATIENCE = 0.1; // a short clip begins after this even if it never fills the buffer
const LIMIT = 1.0; // more than this is old news: the oldest is dropped
const REPORT = RATE / 20; // the line takes it that we play on for 60 ms after a report

class Playback extends AudioWorkletProcessor {
  constructor({ processorOptions } = {}) {
    super();
    this.resampler = new Resampler(RATE, sampleRate);
    this.target = processorOptions?.start ?? START;
    this.total = 0; // samples at 16 kHz given to the loudspeaker since "reset"
    this.reported = 0;
    this.gaps = 0;
    this.clear();
    this.port.onmessage = ({ data }) => this.command(data);
  }

  clear() {
    this.queue = [];
    this.waiting = 0; // 16 kHz samples in the queue
    this.ready = new Float32Array(0);
    this.offset = 0;
    this.playing = false;
    this.since = 0;
    this.resampler.reset();
  }

  command(data) {
    if (data instanceof ArrayBuffer) this.add(new Int16Array(data));
    else if (data === "flush") {
      this.clear();
      this.report();
    } else if (data === "reset") {
      this.clear();
      this.total = 0;
      this.reported = 0;
    }
  }

  add(frame) {
    this.queue.push(frame);
    this.waiting += frame.length;
    while (this.waiting > LIMIT * RATE) {
      const lost = this.queue.shift().length;
      this.waiting -= lost;
      this.total += lost; // it will never be heard; the far end must not wait for it
    }
  }

  process(_, [[output]]) {
    if (!this.playing) {
      this.since = this.queue.length ? this.since + output.length / sampleRate : 0;
      if (!this.queue.length || (this.waiting < this.target * RATE && this.since < PATIENCE)) return true;
      this.playing = true;
    }
    for (let i = 0; i < output.length; i += 1) {
      if (this.offset >= this.ready.length && !this.next()) break;
      output[i] = this.ready[this.offset];
      this.offset += 1;
    }
    if (this.total - this.reported >= REPORT) this.report();
    return true;
  }

  /** Fetches the next frame for the loudspeaker; false when there is none (end of speech or a gap). */
  next() {
    const frame = this.queue.shift();
    if (!frame) {
      this.playing = false;
      this.gaps += 1;
      this.target = Math.min(START_MAX, this.target + 0.01);
      this.report();
      return false;
    }
    this.waiting -= frame.length;
    this.total += frame.length;
    this.ready = this.resampler.process(Float32Array.from(frame, (sample) => sample / 32768));
    this.offset = 0;
    return this.ready.length > 0 || this.next();
  }

  report() {
    this.reported = this.total;
    this.port.postMessage({ played: this.total, gaps: this.gaps });
  }
}

registerProcessor("capture", Capture);
registerProcessor("playback", Playback);
