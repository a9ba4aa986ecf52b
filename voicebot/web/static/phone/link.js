// The connection of one call. A broken connection comes back by itself to the same call for as long
// as the hotline keeps it.

const RESUME_FOR = 10_000;
const RETRY_EVERY = 700;
const ANSWER_WITHIN = 8_000;
const FINAL_CODES = new Set([1000, 1008, 1013, 4404, 4408, 4409]);
const BACKLOG = 32_000; // bytes; beyond one second of unsent microphone sound, new sound is dropped

export class Link extends EventTarget {
  #socket = null;
  #resume = "";
  #brokenAt = 0;
  #over = false;
  #error = null;
  #timer = 0;

  /** Events: `message` (detail: object), `sound` (detail: ArrayBuffer), `broken`, `over` (detail: reason). */
  constructor(url) {
    super();
    this.url = url;
  }

  open() {
    this.#connect();
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  sendSound(pcm) {
    const socket = this.#socket;
    if (socket?.readyState === WebSocket.OPEN && this.#resume && socket.bufferedAmount < BACKLOG) socket.send(pcm);
  }

  hangUp() {
    if (this.#over) return;
    this.send({ type: "hangup" });
    this.#finish("caller");
  }

  #connect() {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#timer = setTimeout(() => socket.close(), ANSWER_WITHIN);
    socket.onopen = () => this.send({ type: "start", caller: "", ...(this.#resume && { resume: this.#resume }) });
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => {
      clearTimeout(this.#timer);
      if (socket === this.#socket && !this.#over) this.#closed(code);
    };
  }

  #receive(data) {
    if (this.#over) return;
    if (typeof data !== "string") {
      this.#emit("sound", data);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "ready") {
      clearTimeout(this.#timer);
      this.#resume = message.resume;
      this.#brokenAt = 0;
    }
    if (message.type === "error") this.#error = message;
    this.#emit("message", message);
    if (message.type === "ended") this.#finish(message.reason);
  }

  #closed(code) {
    if (FINAL_CODES.has(code) || !this.#resume) {
      this.#finish(this.#resume && code !== 1013 ? "lost" : "unreachable");
      return;
    }
    const now = performance.now();
    this.#brokenAt ||= now;
    if (now - this.#brokenAt > RESUME_FOR) {
      this.#finish("lost");
      return;
    }
    this.#emit("broken");
    setTimeout(() => !this.#over && this.#connect(), RETRY_EVERY);
  }

  #finish(reason) {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket.close(1000);
    this.#emit("over", { reason, error: this.#error });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
