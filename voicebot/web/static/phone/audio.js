// Microphone and loudspeaker of one call.

const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

/** Why there is no sound; `kind` chooses the words on the page. */
export class SoundError extends Error {
  constructor(kind, cause) {
    super(kind, { cause });
    this.kind = kind;
  }
}

const KINDS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "in_use",
  AbortError: "in_use",
};

async function openMicrophone(device) {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
    throw new SoundError(window.isSecureContext ? "old_browser" : "not_secure");
  }
  try {
    const audio = device ? { ...MICROPHONE, deviceId: { ideal: device } } : MICROPHONE;
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new SoundError(KINDS[error.name] ?? "in_use", error);
  }
}

/**
 * Opens the sound of a call. Must be called from a click: phones allow sound only then.
 *
 * @param {boolean} withMicrophone false for callers who type
 * @param {(pcm: ArrayBuffer, level: number) => void} onFrame 20 ms of the microphone, level 0-1
 * @param {(samples: number, gaps: number) => void} onPlayed running totals since the last `reset`, at 16 kHz
 * @param {{microphone?: string, speaker?: string, start?: number}} wishes ids of devices, the usual ones else;
 *   seconds gathered before sound begins
 */
export async function openSound(withMicrophone, onFrame, onPlayed, wishes = {}) {
  const AudioContextClass = window.AudioContext;
  if (withMicrophone && !window.isSecureContext) throw new SoundError("not_secure");
  if (!AudioContextClass) throw new SoundError("old_browser");
  const context = new AudioContextClass({ latencyHint: "interactive" });
  let microphone = null;
  try {
    await context.resume();
    if (!context.audioWorklet) {
      // Without HTTPS there are no worklets: words only.
      if (withMicrophone) throw new SoundError("not_secure");
      await context.close();
      return silent();
    }
    if (wishes.speaker) await context.setSinkId?.(wishes.speaker).catch(() => {}); // unplugged: the usual one
    microphone = withMicrophone ? await openMicrophone(wishes.microphone) : null;
    await context.audioWorklet.addModule("/call/static/worklets.js");
    const shape = { numberOfInputs: 0, outputChannelCount: [1], processorOptions: { start: wishes.start } };
    const playback = new AudioWorkletNode(context, "playback", shape);
    playback.port.onmessage = ({ data }) => onPlayed(data.played, data.gaps);
    playback.connect(context.destination);
    if (microphone) connectMicrophone(context, microphone, onFrame);
    return sound(context, playback, microphone);
  } catch (error) {
    microphone?.getTracks().forEach((track) => track.stop());
    if (context.state !== "closed") await context.close();
    throw error;
  }
}

function connectMicrophone(context, microphone, onFrame) {
  const capture = new AudioWorkletNode(context, "capture", { channelCount: 1, channelCountMode: "explicit" });
  capture.port.onmessage = ({ data }) => onFrame(data.pcm, data.level);
  context.createMediaStreamSource(microphone).connect(capture);
  // A worklet that does not lead to the loudspeaker is never run; a zero gain keeps it silent.
  const mute = new GainNode(context, { gain: 0 });
  capture.connect(mute).connect(context.destination);
}

function sound(context, playback, microphone) {
  const wake = () => {
    if (context.state === "suspended" || context.state === "interrupted") context.resume().catch(() => {});
  };
  document.addEventListener("visibilitychange", wake); // iOS stops sound behind a locked screen
  return {
    play: (pcm) => playback.port.postMessage(pcm, [pcm]),
    flush: () => playback.port.postMessage("flush"),
    reset: () => playback.port.postMessage("reset"),
    close() {
      document.removeEventListener("visibilitychange", wake);
      microphone?.getTracks().forEach((track) => track.stop());
      if (context.state !== "closed") context.close();
    },
  };
}

function silent() {
  return { play() {}, flush() {}, reset() {}, close() {} };
}
