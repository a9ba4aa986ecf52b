// The sound of one talk: microphone and loudspeaker of the seat, joined with the call over /ws/seat.
import { SoundError, openSound } from "/call/static/audio.js";
import { Link } from "/call/static/link.js";

const AGAIN = 800; // ms until a talk that goes on is joined once more
const START = 0.06; // s of sound kept before it plays: what a browser seat may add is 150 ms in all
const FRAME = 640; // bytes in 20 ms
const REPLACED = 4409; // another connection has taken over
const SILENT = 0.0004; // -68 dB: nothing at all arrives, not a quiet person
const SILENT_FOR = 8000;
const DEVICES = "seat.devices"; // which headset hangs on this machine

export const TROUBLES = {
  refused: "浏览器不许用麦克风：请点地址栏左边的图标，允许麦克风",
  missing: "没有找到麦克风：请插好耳机",
  in_use: "麦克风被别的程序占用：请关掉它",
  not_secure: "这个网址不是 HTTPS，浏览器不给麦克风",
  old_browser: "浏览器太旧，不能通话",
  gesture: "按任意键或点一下页面，接回声音",
  broken: "通话的连接断了，正在接回，来电人还在线",
  silent: "麦克风没有声音：请看耳机开关",
};

export function devices() {
  try {
    return JSON.parse(localStorage.getItem(DEVICES)) || {};
  } catch {
    return {};
  }
}

export function keepDevices(wanted) {
  localStorage.setItem(DEVICES, JSON.stringify(wanted));
}

/** Waits for a click or a key where the browser wants one before it plays. */
function allowed(onWait) {
  if (navigator.userActivation?.hasBeenActive ?? true) return Promise.resolve();
  onWait();
  return new Promise((resolve) => {
    const go = () => {
      for (const name of ["pointerdown", "keydown"]) document.removeEventListener(name, go, true);
      resolve();
    };
    for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, go, true);
  });
}

export class Voice {
  #told;
  #sound = null;
  #opening = null;
  #round = 0; // of opening: what was begun before the last `leave` is of no use any more
  #link = null;
  #call = "";
  #tab = "";
  #muted = false;
  #heardAt = 0;
  #trouble = "";
  #gaps = 0;
  #unheard = 0; // samples that came while there was no loudspeaker yet
  #timer = 0;
  #keeping = 0;

  /** @param {{level: Function, trouble: Function, gap?: Function}} told */
  constructor(told) {
    this.#told = told;
  }

  /** From the key that answers: the microphone is open when the call stands. */
  prepare() {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open() {
    const round = ++this.#round;
    try {
      await allowed(() => this.#say("gesture"));
      const wishes = { ...devices(), start: START };
      const sound = await openSound(true, (pcm, level) => this.#spoken(pcm, level), (n, gaps) => this.#played(n, gaps), wishes);
      if (round !== this.#round) return sound.close(); // left meanwhile
      this.#sound = sound;
      this.#say("");
    } catch (error) {
      if (round !== this.#round) return;
      this.#opening = null;
      this.#say(error instanceof SoundError ? error.kind : "in_use");
    }
  }

  /** Joins the talk of `call`; connected at once, so that the line sees that somebody is there. */
  join(call, tab) {
    if (this.#call === call) return;
    if (this.#call) this.leave();
    this.#call = call;
    this.#tab = tab;
    this.prepare();
    this.#keeping = setInterval(() => this.#sound || this.#link?.sendSound(new ArrayBuffer(FRAME)), 20);
    this.#connect();
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const query = new URLSearchParams({ call: this.#call, tab: this.#tab });
    const link = new Link(`${scheme}://${location.host}/ws/seat?${query}`);
    this.#link = link;
    let ended = false;
    link.addEventListener("sound", ({ detail }) => this.#take(detail));
    link.addEventListener("message", ({ detail }) => {
      ended ||= detail.type === "ended";
      this.#receive(detail);
    });
    link.addEventListener("over", ({ detail }) => this.#over(link, ended || detail.code === REPLACED));
    link.open();
  }

  #take(pcm) {
    if (this.#sound) return this.#sound.play(pcm);
    this.#unheard += pcm.byteLength / 2;
    this.#link.send({ type: "played", samples: this.#unheard });
  }

  #receive(message) {
    if (message.type === "ready") {
      this.#sound?.reset();
      this.#unheard = 0;
      this.#gaps = 0;
      this.#heardAt = performance.now();
      if (this.#trouble === "broken") this.#say("");
    } else if (message.type === "flush") this.#sound?.flush();
  }

  /** The page says when a talk is over; until then a connection that breaks is made again. */
  #over(link, forGood) {
    if (link !== this.#link) return;
    this.#link = null;
    if (forGood || !this.#call) return;
    this.#say("broken");
    this.#timer = setTimeout(() => this.#call && !this.#link && this.#connect(), AGAIN);
  }

  #spoken(pcm, level) {
    this.#told.level(this.#muted ? 0 : level);
    const now = performance.now();
    if (level > SILENT || this.#muted || !this.#link) this.#heardAt = now;
    if (now - this.#heardAt > SILENT_FOR && !this.#trouble) this.#say("silent");
    else if (this.#trouble === "silent" && level > SILENT) this.#say("");
    this.#link?.sendSound(this.#muted ? new ArrayBuffer(pcm.byteLength) : pcm);
  }

  #played(samples, gaps) {
    this.#link?.send({ type: "played", samples: this.#unheard + samples });
    if (gaps > this.#gaps) this.#told.gap?.(gaps - this.#gaps);
    this.#gaps = gaps;
  }

  /** At once, before the line has said it too. */
  mute(yes) {
    this.#muted = yes;
  }

  #say(kind) {
    if (kind === this.#trouble) return;
    this.#trouble = kind;
    this.#told.trouble(kind ? TROUBLES[kind] : "");
  }

  /** Goes, without ending the talk. */
  leave() {
    clearTimeout(this.#timer);
    clearInterval(this.#keeping);
    const link = this.#link;
    this.#link = null;
    this.#call = "";
    link?.close();
    this.#sound?.close();
    this.#sound = null;
    this.#opening = null;
    this.#round += 1;
    this.#muted = false;
    this.#unheard = 0;
    this.#say("");
  }
}
