// The bell of an offer: two tones, a pause, again; made here, so that no file can be missing.
const PATTERN = [0, 0.45];
const EVERY = 2.4;

let context = null;
let timer = 0;

/** From a click or a key: browsers let a page sound only then. */
export function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
}

function once() {
  if (!context || context.state !== "running") return;
  for (const at of PATTERN) {
    for (const [frequency, loud] of [[587, 0.22], [784, 0.16]]) {
      const tone = new OscillatorNode(context, { frequency, type: "triangle" });
      const gain = new GainNode(context, { gain: 0 });
      const start = context.currentTime + at;
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(loud, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, start + 0.38);
      tone.connect(gain).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.4);
    }
  }
}

export function ring(yes) {
  clearInterval(timer);
  timer = 0;
  if (!yes) return;
  wake();
  once();
  timer = setInterval(once, EVERY * 1000);
}

/** One sound, for the check before a shift. */
export function sample() {
  wake();
  setTimeout(once, 60);
}

/** Whether a ring would be heard. */
export function awake() {
  return context?.state === "running";
}
