// An editor of one text. It saves by itself, keeps what could not be saved, and never loses a letter.
import { helper } from "/static/flows/helper.js";
import * as CM from "nicegui-codemirror";

const SAVE_AFTER = 350; // ms without a key
const RETRY_AFTER = 2000;

const WORDS = {
  Find: "查找", Replace: "替换", next: "下一个", previous: "上一个", all: "全部", "match case": "区分大小写",
  "by word": "整词", regexp: "正则", replace: "替换", "replace all": "全部替换", close: "关闭",
  "Go to line": "跳到行", go: "确定",
};

class Remark extends CM.WidgetType {
  constructor(text, kind) {
    super();
    this.text = text;
    this.kind = kind;
  }
  eq(other) {
    return other.text === this.text && other.kind === this.kind;
  }
  toDOM() {
    const span = document.createElement("span");
    span.className = `remark ${this.kind}`;
    span.textContent = this.text;
    span.setAttribute("aria-hidden", "true"); // the list of problems says it too
    return span;
  }
}

const setMarks = CM.StateEffect.define();
const marksField = CM.StateField.define({
  create: () => CM.Decoration.none,
  update(marks, change) {
    marks = marks.map(change.changes);
    for (const effect of change.effects) if (effect.is(setMarks)) marks = effect.value;
    return marks;
  },
  provide: (field) => CM.EditorView.decorations.from(field),
});

export default {
  props: { path: String, text: String, seen: String, base: Number, marks: Array, url: String, keys: Array, label: String, words: Object },
  emits: ["saved", "cursor", "key", "trouble"],
  render() {
    return Vue.h("div");
  },
  mounted() {
    this.known = this.seen; // digest of the draft this window has seen last
    this.from = this.base;
    this.timer = null;
    this.saving = null;
    this.loading = false;
    this.line = 0;
    this.lastSaved = this.text;
    const self = this;
    const watch = CM.EditorView.updateListener.of((update) => {
      if (update.docChanged && !self.loading) self.changed();
      if (update.selectionSet || update.docChanged) self.moved();
    });
    const keys = CM.keymap.of(
      (this.keys || []).map((key) => ({ key, preventDefault: true, stopPropagation: true, run: () => (self.$emit("key", { key }), true) })),
    );
    this.view = new CM.EditorView({
      doc: this.text,
      parent: this.$el,
      extensions: [
        CM.Prec.highest(keys),
        CM.basicSetup,
        CM.keymap.of([CM.indentWithTab]),
        CM.indentUnit.of("  "),
        CM.EditorState.tabSize.of(2),
        CM.EditorState.phrases.of(WORDS),
        CM.EditorView.contentAttributes.of({ "aria-label": this.label, spellcheck: "false" }),
        CM.EditorView.lineWrapping,
        marksField,
        this.words ? helper(this.words) : [],
        watch,
      ],
    });
    const yaml = CM.languages.find((language) => language.name === "YAML");
    yaml.load().then((support) => this.view.dispatch({ effects: CM.StateEffect.appendConfig.of(support) }));
    this.setMarks(this.marks || []);
    this.leaving = (event) => {
      if (!this.dirty()) return;
      this.keep();
      this.send({ keepalive: true });
      event.preventDefault();
    };
    window.addEventListener("beforeunload", this.leaving);
    this.resume();
  },
  beforeUnmount() {
    window.removeEventListener("beforeunload", this.leaving);
    clearTimeout(this.timer);
    this.view.destroy();
  },
  methods: {
    value() {
      return this.view.state.doc.toString();
    },
    dirty() {
      return this.value() !== this.lastSaved;
    },
    // ── saving ──
    changed() {
      this.keep();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), SAVE_AFTER);
    },
    shelf() {
      return `flow-draft:${this.path}`;
    },
    keep() {
      // a crash of the browser or of the server loses nothing that was typed
      try {
        localStorage.setItem(this.shelf(), JSON.stringify({ text: this.value(), seen: this.known }));
      } catch {
        // no room: the server's copy remains
      }
    },
    resume() {
      const kept = JSON.parse(localStorage.getItem(this.shelf()) || "null");
      if (!kept || kept.text === this.value()) {
        localStorage.removeItem(this.shelf());
      } else if (kept.seen === this.known) {
        this.set(kept.text);
        this.changed();
      } else {
        this.$emit("trouble", { code: "draft.kept", text: kept.text });
      }
    },
    forget() {
      localStorage.removeItem(this.shelf());
    },
    async save() {
      clearTimeout(this.timer);
      if (this.saving) await this.saving;
      if (!this.dirty()) return true;
      this.saving = this.send({});
      const done = await this.saving;
      this.saving = null;
      return done;
    },
    async send({ keepalive = false, force = false }) {
      const text = this.value();
      let answer;
      try {
        answer = await fetch(this.url, {
          method: "PUT",
          keepalive,
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ path: this.path, text, base: this.from, seen: force ? null : this.known }),
        });
      } catch {
        this.$el.dataset.trouble = "offline"; // the page itself may be cut off too: said here, not by the server
        this.timer = setTimeout(() => this.save(), RETRY_AFTER);
        return false;
      }
      if (!answer.ok || answer.redirected) {
        delete this.$el.dataset.trouble;
        const told = await answer.json().catch(() => ({ code: `http.${answer.status}` }));
        this.$emit("trouble", told);
        if (answer.status >= 500) this.timer = setTimeout(() => this.save(), RETRY_AFTER);
        return false;
      }
      const told = await answer.json();
      delete this.$el.dataset.trouble;
      this.known = told.digest;
      this.lastSaved = text;
      if (!this.dirty()) this.forget();
      this.$emit("saved", told);
      return true;
    },
    // ── asked for by the page ──
    async flush() {
      return this.save();
    },
    async overwrite() {
      // what another window saved is replaced: the author said so
      await this.send({ force: true });
    },
    set(text) {
      if (text === this.value()) return;
      this.loading = true;
      this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
      this.loading = false;
    },
    replace(text) {
      this.set(text);
      this.changed();
    },
    load(text, seen, base) {
      this.set(text);
      this.known = seen;
      this.from = base;
      this.lastSaved = this.value();
      this.forget();
    },
    follow(text, seen, base) {
      // somebody published: shown at once where nothing of the author's own is at stake
      if (!this.dirty() && !this.saving) this.load(text, seen, base);
    },
    rebase(base) {
      this.from = base;
      return this.send({});
    },
    setMarks(marks) {
      const doc = this.view.state.doc;
      const found = [];
      for (const { line, kind, text } of marks) {
        if (line < 1 || line > doc.lines) continue;
        const { from, to } = doc.line(line);
        found.push(CM.Decoration.line({ class: `marked ${kind}` }).range(from));
        if (text) found.push(CM.Decoration.widget({ widget: new Remark(text, kind), side: 1 }).range(to));
      }
      this.view.dispatch({ effects: setMarks.of(CM.Decoration.set(found, true)) });
    },
    reveal(number) {
      const doc = this.view.state.doc;
      const { from } = doc.line(Math.min(Math.max(number, 1), doc.lines));
      this.view.dispatch({
        selection: { anchor: from },
        effects: CM.EditorView.scrollIntoView(from, { y: "center" }),
      });
      this.view.focus();
    },
    moved() {
      const { head } = this.view.state.selection.main;
      const { number } = this.view.state.doc.lineAt(head);
      if (number === this.line) return;
      this.line = number;
      this.$emit("cursor", { line: number });
    },
  },
};
