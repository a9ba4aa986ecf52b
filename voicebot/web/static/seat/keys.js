// Keys of the console: function keys, alone or with Shift or Ctrl. They work while somebody types, since no
// letter is among them, but never while an input method composes or behind an open window.
let handler = null;

export function typing(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

/** `pressed(name, event)` says whether it took the key. */
export function enable(yes, pressed) {
  handler = yes ? pressed : null;
}

const single = new Map();

/** Single keys, which are off while somebody types. */
export function on(keys) {
  for (const [key, act] of Object.entries(keys)) single.set(key, act);
}

function named(event) {
  return `${event.ctrlKey ? "Ctrl+" : ""}${event.shiftKey ? "Shift+" : ""}${event.key}`;
}

document.addEventListener("keydown", (event) => {
  if (!handler || event.isComposing || event.keyCode === 229 || event.defaultPrevented || event.altKey || event.metaKey) return;
  if (document.querySelector(".q-dialog:not([aria-hidden=true])")) return;
  if (/^F\d+$/.test(event.key) || event.key === "Escape") {
    if (handler(named(event), event)) event.preventDefault();
  } else if (!event.ctrlKey && !event.repeat && !typing(event.target)) {
    const act = single.get(event.key);
    if (act && act(event) !== false) event.preventDefault();
  }
});
