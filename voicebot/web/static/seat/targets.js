// Whom a talk is given to or joined with, and the keys of a telephone; opened below the call bar.
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

function keypad(send, close) {
  const h = Vue.h;
  const typed = (event) => {
    if (KEYS.includes(event.key)) {
      send(event.key);
      event.currentTarget.querySelector("output").textContent += event.key;
    } else if (event.key === "Escape") close();
  };
  const press = (key) => (event) => {
    send(key);
    event.target.closest(".picker").querySelector("output").textContent += key;
  };
  return h("div", { class: "picker keypad", role: "group", "aria-label": "按键", onKeydown: typed }, [
    ...KEYS.map((key) => h("button", { type: "button", key, onClick: press(key) }, key)),
    h("output", { "aria-label": "已按的键" }),
  ]);
}

/** Narrows the list to what is typed; Enter takes the first. */
function narrow(event) {
  const words = event.target.value.trim();
  for (const each of event.target.closest(".picker").querySelectorAll("button.target")) {
    each.hidden = Boolean(words) && !each.textContent.includes(words);
  }
}

function number(text) {
  const digits = text.replace(/[\s-]/g, "");
  return /^\+?\d{3,15}$/.test(digits) ? digits : "";
}

/** @param {{to: string, words: string, note: string}[]} targets */
export function picker(act, title, targets, send, close) {
  if (act === "keys") return keypad(send, close);
  const h = Vue.h;
  const entered = (event) => {
    if (event.key === "Escape") return close();
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const first = event.target.closest(".picker").querySelector("button.target:not([hidden])");
    const digits = act === "back" ? "" : number(event.target.value);
    if (digits) send(`number:${digits}`);
    else first?.click();
  };
  return h("div", { class: "picker", role: "group", "aria-label": title }, [
    h("label", [title, h("input", { type: "text", placeholder: act === "back" ? "选一项，回车" : "工号、队列、部门或者号码，回车", onInput: narrow, onKeydown: entered })]),
    h("div", { class: "targets" }, (targets || []).map((each) =>
      h("button", { type: "button", class: "target", key: each.to, onClick: () => send(each.to), onKeydown: (event) => event.key === "Escape" && close() }, [each.words, h("small", each.note)]),
    )),
  ]);
}
