// What the caller sees. Words from the line are only ever set as text, never as markup.

import { ENDED, ENDINGS, PROBLEMS, SPEAKERS, STATES } from "./words.js";

export const element = (id) => document.getElementById(id);

const KEYPAD = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const KEY_NAMES = { "*": "星号", "#": "井号", 0: "0，转人工" };
const MAX_CAPTIONS = 200;

export function buildKeypad(onKey) {
  for (const key of KEYPAD) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = key;
    button.setAttribute("aria-label", KEY_NAMES[key] ?? key);
    if (key === "0") {
      const label = document.createElement("small");
      label.textContent = "人工";
      button.append(label);
    }
    button.addEventListener("click", () => onKey(key));
    element("keys").append(button);
  }
}

/** Phases: `idle` (before), `call` (during), `over` (after; the words stay readable). */
export function showPhase(phase) {
  document.body.dataset.phase = phase;
  element("idle").hidden = phase !== "idle";
  element("talk").hidden = phase === "idle";
  if (phase !== "call") togglePanel(null);
  element("hangup").querySelector("span").textContent = phase === "over" ? "返回" : "挂断";
}

export function showState(state) {
  document.body.dataset.state = state;
  element("state").textContent = STATES[state] ?? STATES.listening;
}

export function showEnding(reason) {
  document.body.dataset.state = "ended";
  element("state").textContent = ENDINGS[reason] ?? ENDED;
}

export function showProblem(kind, canType) {
  const [title, help] = PROBLEMS[kind];
  element("problem-title").textContent = title;
  element("problem-help").textContent = help;
  element("without-microphone").hidden = !canType;
  element("secure").hidden = kind !== "not_secure" || location.protocol === "https:";
  element("problem").hidden = false;
}

export function hideProblem() {
  element("problem").hidden = true;
}

/** Opens one panel (`keys`, `typing`) and closes the other; null closes both. */
export function togglePanel(name) {
  for (const panel of ["keys", "typing"]) {
    const open = panel === name && element(panel).hidden;
    element(panel).hidden = !open;
    element(`show-${panel}`).setAttribute("aria-expanded", String(open));
  }
  scrollDown();
}

export function clearCaptions() {
  element("captions").replaceChildren();
}

/** Adds words of a speaker, or replaces that speaker's unfinished ones. */
export function showCaption(who, text, final) {
  const list = element("captions");
  let item = list.querySelector(`li.draft[data-who="${CSS.escape(who)}"]`);
  if (!item) {
    item = document.createElement("li");
    item.dataset.who = who;
    item.className = who === "caller" ? "caller" : "other";
    const name = document.createElement("span");
    name.className = "who";
    name.textContent = SPEAKERS[who] ?? who;
    item.append(name, document.createElement("span"));
    list.append(item);
  }
  item.classList.toggle("draft", !final);
  item.lastChild.textContent = text;
  while (list.children.length > MAX_CAPTIONS) list.firstChild.remove();
  scrollDown();
}

function scrollDown() {
  const list = element("captions");
  list.scrollTop = list.scrollHeight;
}

export function showLevel(level) {
  // Speech lies between about -50 and -10 dB; five bars of 8 dB.
  const bars = Math.max(0, Math.min(5, Math.round((20 * Math.log10(level + 1e-6) + 50) / 8)));
  [...element("meter").children].forEach((bar, i) => bar.classList.toggle("on", i < bars));
}

export function showHearing(on) {
  document.body.dataset.hearing = on ? "yes" : "no";
}

export function showClock(seconds) {
  const two = (n) => String(n).padStart(2, "0");
  element("clock").textContent = `${two(Math.floor(seconds / 60))}:${two(Math.floor(seconds) % 60)}`;
}
