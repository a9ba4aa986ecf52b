// Keys of the pages for tickets: single keys without Ctrl, Alt or Meta. Nothing fires while somebody types,
// while an input method composes, or behind an open window; the whole can be switched off.
let enabled = true;
const handlers = new Map();

export function enable(yes) {
  enabled = yes;
}

export function on(keys) {
  for (const [key, handler] of Object.entries(keys)) handlers.set(key, handler);
}

function typing(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat && !["j", "k", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  if (!enabled || typing(event.target) || document.querySelector(".q-dialog:not([aria-hidden=true])")) return;
  const handler = handlers.get(event.key);
  if (handler && handler(event) !== false) event.preventDefault();
});
