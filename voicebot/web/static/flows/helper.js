// What may be written where, in the words of the checker: completed while typing, explained under the pointer.
import * as CM from "nicegui-codemirror";

const WORD = "[\\w\\u4e00-\\u9fff]*";
const VALUE = new RegExp(`^\\s*(?:- +)?\\{?(?:[^{}]*[,{] *)?([a-z_]+): +(${WORD})$`);
const KEY = /^( *)([a-z_]*)$/;

// The step a line stands in: {name, kind}, null outside of the steps.
function stepAt(doc, number) {
  let name = null;
  let start = number;
  for (; start >= 1; start--) {
    const text = doc.line(start).text;
    const found = /^  ([^\s#:-][^:]*):/.exec(text);
    if (found && name === null) name = found[1];
    if (name !== null) break;
    if (/^[^\s#]/.test(text)) return null;
  }
  for (let above = start; above >= 1; above--) {
    const text = doc.line(above).text;
    if (/^[^\s#]/.test(text)) {
      if (!/^steps:/.test(text)) return null;
      break;
    }
  }
  let kind = "";
  for (let below = start + 1; below <= doc.lines; below++) {
    const text = doc.line(below).text;
    if (/^ {0,2}[^\s#]/.test(text)) break;
    kind = /^    kind: *([a-z]+)/.exec(text)?.[1] ?? kind;
  }
  return { name, kind };
}

function stepNames(doc) {
  const names = [];
  let inside = false;
  for (let number = 1; number <= doc.lines; number++) {
    const text = doc.line(number).text;
    if (/^[^\s#]/.test(text)) inside = /^steps:/.test(text);
    const found = inside && /^  ([^\s#:-][^:]*):/.exec(text);
    if (found) names.push(found[1]);
  }
  return names;
}

function valuesOf(words, doc, number, key) {
  if (key === "kind") return Object.entries(words.kinds).map(([label, detail]) => ({ label, detail }));
  if (words.targets.includes(key)) return stepNames(doc).map((label) => ({ label, detail: "节点" }));
  const kind = stepAt(doc, number)?.kind ?? "";
  if (key === "flow" && kind === "call") return words.flows.map(([label, detail]) => ({ label, detail }));
  return (words.values[`${kind}.${key}`] ?? []).map((label) => ({ label }));
}

function complete(words, context) {
  const { doc } = context.state;
  const line = doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const value = VALUE.exec(before);
  if (value) {
    const options = valuesOf(words, doc, line.number, value[1]);
    return options.length ? { from: context.pos - value[2].length, options } : null;
  }
  const key = KEY.exec(before);
  if (!key || (!key[2] && !context.explicit)) return null;
  const keys = key[1].length === 0 ? words.root : key[1].length === 4 ? keysOf(words, stepAt(doc, line.number)) : {};
  const options = Object.entries(keys).map(([label, detail]) => ({ label, detail, apply: `${label}: ` }));
  return options.length ? { from: context.pos - key[2].length, options } : null;
}

function keysOf(words, step) {
  if (!step) return {};
  return words.steps[step.kind] ?? { kind: "这一步做什么" };
}

function explain(words, view, pos) {
  const line = view.state.doc.lineAt(pos);
  const found = /^( *)([a-z_]+): *([a-z]*)/.exec(line.text);
  if (!found) return null;
  const at = pos - line.from;
  const [, indent, key, value] = found;
  const overKey = at >= indent.length && at <= indent.length + key.length;
  const step = indent.length >= 4 ? stepAt(view.state.doc, line.number) : null;
  let hint = "";
  if (key === "kind") hint = words.kinds[value];
  else if (overKey) hint = indent.length === 0 ? words.root[key] : keysOf(words, step)[key];
  if (!hint) return null;
  return {
    pos: line.from + indent.length,
    above: true,
    create() {
      const dom = document.createElement("div");
      dom.className = "hint";
      dom.textContent = hint;
      return { dom };
    },
  };
}

export function helper(words) {
  const offers = [{ autocomplete: (context) => complete(words, context) }]; // CodeMirror knows a source by identity
  return [
    CM.EditorState.languageData.of(() => offers),
    CM.hoverTooltip((view, pos) => explain(words, view, pos)),
  ];
}
