// The phone page: one call at a time.

import { SoundError, openSound } from "./audio.js";
import { Link } from "./link.js";
import * as screen from "./screen.js";

const { element } = screen;
const LOUD = 0.012; // -38 dB: speech near a phone, not the room around it
const ATTACK = 6; // loud frames of 20 ms until we say "hearing you"
const RELEASE = 40; // quiet frames until we stop saying so
let call = null; // { link, sound, ticking, wakeLock } of the running call

async function start(withMicrophone) {
  if (call) return;
  screen.hideProblem();
  screen.clearCaptions();
  screen.showClock(0);
  screen.showPhase("call");
  screen.showState("connecting");
  const link = new Link(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/call`);
  const mine = { link, sound: null, ticking: 0, wakeLock: null, loud: 0, quiet: 0 };
  call = mine;
  element("meter").hidden = !withMicrophone;
  if (!withMicrophone) screen.togglePanel("typing");
  try {
    const opened = await openSound(
      withMicrophone,
      (pcm, level) => {
        screen.showLevel(level);
        notice(mine, level);
        link.sendSound(pcm);
      },
      (samples) => link.send({ type: "played", samples }),
    );
    if (call !== mine) { // the caller hung up while the browser asked for the microphone
      opened.close();
      return;
    }
    mine.sound = opened;
  } catch (error) {
    fail(error instanceof SoundError ? error.kind : "in_use");
    return;
  }
  listen(mine);
  link.open();
}

/** Shows that the caller is heard, steadily: neither one click nor one pause changes it. */
function notice(mine, level) {
  mine.loud = level > LOUD ? mine.loud + 1 : Math.max(0, mine.loud - 1);
  mine.quiet = level > LOUD ? 0 : mine.quiet + 1;
  if (mine.loud === ATTACK) screen.showHearing(true);
  if (mine.quiet === RELEASE) {
    mine.loud = 0;
    screen.showHearing(false);
  }
}

function listen(mine) {
  mine.link.addEventListener("message", ({ detail }) => receive(mine, detail));
  mine.link.addEventListener("sound", ({ detail }) => mine.sound.play(detail));
  mine.link.addEventListener("broken", () => screen.showState("reconnecting"));
  mine.link.addEventListener("over", ({ detail }) => over(mine, detail.reason));
}

function receive(mine, message) {
  switch (message.type) {
    case "ready":
      mine.sound.reset();
      if (!mine.ticking) begin(mine);
      else screen.showState("listening");
      break;
    case "caption":
      screen.showCaption(message.who, message.text, message.final);
      break;
    case "state":
      screen.showState(message.state);
      break;
    case "flush":
      mine.sound.flush();
      break;
    case "error":
      console.warn("hotline:", message.code, message.message);
      break;
    default: // `ended` is told by the link; unknown types belong to a newer hotline
  }
}

function begin(mine) {
  screen.showState("greeting");
  const began = performance.now();
  mine.ticking = setInterval(() => screen.showClock((performance.now() - began) / 1000), 500);
  navigator.wakeLock?.request("screen").then(
    (lock) => {
      mine.wakeLock = lock;
      if (call !== mine) lock.release();
    },
    () => {}, // a nicety only: the screen may dim
  );
}

function over(mine, reason) {
  release(mine);
  if (reason === "unreachable") {
    screen.showPhase("idle");
    screen.showProblem("unreachable", false);
    return;
  }
  screen.showPhase("over");
  screen.showEnding(reason);
  element("hangup").focus();
}

function fail(kind) {
  release(call);
  screen.showPhase("idle");
  screen.showProblem(kind, kind !== "old_browser");
}

function release(mine) {
  clearInterval(mine.ticking);
  screen.showHearing(false);
  mine.sound?.close();
  mine.wakeLock?.release();
  if (call === mine) call = null;
}

function press(key) {
  call?.link.tell({ type: "digit", digit: key });
}

function hangUp() {
  if (!call) {
    screen.showPhase("idle");
    element("call").focus();
  } else if (call.sound) call.link.hangUp();
  else {
    release(call);
    screen.showPhase("idle");
  }
}

screen.buildKeypad(press);
element("call").addEventListener("click", () => start(true));
element("without-microphone").addEventListener("click", () => start(false));
element("hangup").addEventListener("click", hangUp);
element("human").addEventListener("click", () => press("0"));
element("show-keys").addEventListener("click", () => screen.togglePanel("keys"));
element("show-typing").addEventListener("click", () => {
  screen.togglePanel("typing");
  if (!element("typing").hidden) element("words").focus();
});
element("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = element("words").value.trim();
  if (text) call?.link.tell({ type: "text", text });
  element("words").value = "";
});
window.addEventListener("pagehide", () => call?.sound && call.link.hangUp());
