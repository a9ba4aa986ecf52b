// The connection of one call. A broken connection comes back by itself to the same call for as long
// as the hotline keeps it.

const RESUME_FOR = 10_000;
const RETRY_EVERY = 700;
const ANSWER_WITHIN = 8_000;
const FINAL_CODES = new Set([1000, 1008, 1013, 4404, 4408, 4409]);
const BACKLOG = 32_000; // bytes; beyond one second of unsent microphone sound, new sound is dropped
const UNTOLD = 20; // messages kept while there is no connection
const STUCK_FOR = 2_500; // a connection that takes nothing for so long is given up

export class Link extends EventTarget {
  #socket = null;
  #resume = "";
  #brokenAt = 0;
  #over = false;
  #error = null;
  #timer = 0;
  #stuckAt = 0;
  #stands = false;
  #untold = [];

  /** Events: `message` (detail: object), `sound` (detail: ArrayBuffer), `broken`, `over` (detail: reason). */
  constructor(url) {
    super();
    this.url = url;
  }

  open() {
    this.#connect();
  }

  /** Sends now, or not at all. */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Sends what the caller typed or pressed: now, or as soon as the call stands (again). */
  tell(message) {
    if (this.#stands) this.send(message);
    else if (this.#untold.length < UNTOLD) this.#untold.push(message);
  }

  sendSound(pcm) {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || !this.#stands) return;
    if (socket.bufferedAmount < BACKLOG) {
      this.#stuckAt = 0;
      socket.send(pcm);
      return;
    }
    // A phone that changes from Wi-Fi to mobile keeps a dead socket "open" for minutes.
    const now = performance.now();
    this.#stuckAt ||= now;
    if (now - this.#stuckAt > STUCK_FOR) this.#abandon(socket);
  }

  #abandon(socket) {
    this.#stuckAt = 0;
    this.#socket = null;
    socket.close();
    this.#closed(1006);
  }

  hangUp() {
    if (this.#over) return;
    this.send({ type: "hangup" });
    this.#finish("caller");
  }

  /** Leaves without a word: the call goes on without this page. */
  close() {
    this.#finish("closed");
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
      this.#stands = true;
      for (const untold of this.#untold.splice(0)) this.send(untold);
    }
    if (message.type === "error") this.#error = message;
    this.#emit("message", message);
    if (message.type === "ended") this.#finish(this.#resume ? message.reason : "unreachable");
  }

  #closed(code) {
    this.#stands = false;
    if (FINAL_CODES.has(code) || !this.#resume) {
      this.#finish(this.#resume && code !== 1013 ? "lost" : "unreachable", code);
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

  #finish(reason, code = 1000) {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#emit("over", { reason, code, error: this.#error });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
