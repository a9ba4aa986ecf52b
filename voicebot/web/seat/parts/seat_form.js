// The ticket of a call, or the note after it: prefilled, with where each word comes from. What is typed is kept
// on the server (PUT) 0.35 s after the last key, and in this browser while that does not work.
const SAVE_AFTER = 350;
const RETRY_AFTER = 2000;

export default {
  props: { call: String, kind: String, title: String, submit: String, fields: Array, values: Object },
  emits: ["done", "show"],
  data() {
    return { own: { ...this.values }, note: "", wrong: {}, busy: false, said: "", good: false };
  },
  created() {
    this.place = `seat.draft.${this.kind}.${this.call}`;
    this.touched = new Set();
    this.saving = Promise.resolve();
    this.dirty = false;
    const left = localStorage.getItem(this.place);
    if (left) {
      try {
        this.own = { ...this.own, ...JSON.parse(left) };
        this.changed();
      } catch {
        localStorage.removeItem(this.place);
      }
    }
  },
  mounted() {
    this.leaving = () => this.dirty && this.put({ keepalive: true });
    window.addEventListener("pagehide", this.leaving);
  },
  beforeUnmount() {
    window.removeEventListener("pagehide", this.leaving);
    clearTimeout(this.timer);
    if (this.dirty) this.put({ keepalive: true });
  },
  methods: {
    set(name, value) {
      this.own = { ...this.own, [name]: value };
      this.wrong = { ...this.wrong, [name]: "" };
      this.touched.add(name);
      this.changed();
    },
    put_in(name, text) {
      const before = this.own[name] || "";
      this.set(name, before && !before.includes(text) ? `${before}\n${text}` : text);
    },
    offer(values) {
      for (const [name, value] of Object.entries(values)) if (!this.own[name] && !this.touched.has(name)) this.own = { ...this.own, [name]: value };
    },
    changed() {
      this.dirty = true;
      this.note = "";
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), SAVE_AFTER);
    },
    put(more = {}) {
      return fetch("/seat/draft", {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ call_id: this.call, kind: this.kind, values: this.own }),
        ...more,
      });
    },
    save() {
      this.saving = this.saving.then(async () => {
        if (!this.dirty) return;
        const sent = JSON.stringify(this.own);
        try {
          const answer = await this.put();
          if (answer.status === 401) return this.later("登录已过期：请在新窗口登录；您写的内容还在这里", sent);
          const body = await answer.json();
          if (!answer.ok) return this.later(body.detail || "没有存上", sent);
          this.note = `已存（${body.words}）`;
          if (sent === JSON.stringify(this.own)) this.dirty = false;
          localStorage.removeItem(this.place);
        } catch {
          this.later("连不上服务器：先存在这个浏览器里，正在重试", sent);
        }
      });
      return this.saving;
    },
    later(words, sent) {
      this.note = words;
      localStorage.setItem(this.place, sent);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), RETRY_AFTER);
    },
    async send(event) {
      event?.preventDefault();
      if (this.busy) return;
      this.wrong = Object.fromEntries(this.fields.filter((each) => each.required && !String(this.own[each.name] ?? "").trim()).map((each) => [each.name, `请填写${each.label}`]));
      const first = this.fields.find((each) => this.wrong[each.name]);
      if (first) return this.$el.querySelector(`[name="${first.name}"]`)?.focus();
      this.busy = true;
      this.said = "";
      clearTimeout(this.timer);
      await this.save();
      this.$emit("done", { values: { ...this.own } });
    },
    said_by_server(words, good) {
      this.busy = false;
      this.said = words;
      this.good = good;
    },
    input(field) {
      const h = Vue.h;
      const value = this.own[field.name] ?? "";
      const shared = { name: field.name, id: `${this.kind}-${field.name}`, "aria-required": field.required ? "true" : null, "aria-invalid": this.wrong[field.name] ? "true" : null };
      const typed = (event) => this.set(field.name, event.target.value);
      if (field.kind === "area") return h("textarea", { ...shared, value, rows: field.rows || 4, maxlength: 10000, placeholder: field.hint, onInput: typed });
      if (field.kind === "select")
        return h("select", { ...shared, value, onChange: typed }, field.options.map(([key, words]) => h("option", { value: key, selected: key === value }, words)));
      return h("input", { ...shared, value, type: "text", maxlength: 200, placeholder: field.hint, autocomplete: "off", onInput: typed });
    },
    field(field) {
      const h = Vue.h;
      const source = field.evidence
        ? h("button", { type: "button", class: ["source", field.sure ? "" : "unsure"], title: "看原话", onClick: () => this.$emit("show", { key: field.evidence }) }, field.note)
        : field.note ? h("span", { class: "source" }, field.note) : null;
      return h("div", { class: ["field", field.kind, field.wide ? "wide" : ""], key: field.name }, [
        h("div", { class: "field-head" }, [h("label", { for: `${this.kind}-${field.name}` }, [field.label, field.required ? h("span", { class: "must" }, "必填") : null]), source]),
        this.input(field),
        this.wrong[field.name] ? h("p", { class: "wrong", role: "alert" }, this.wrong[field.name]) : null,
      ]);
    },
  },
  render() {
    const h = Vue.h;
    const send = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) this.send(event);
    };
    return h("form", { class: "seat-form", "aria-label": this.title, novalidate: true, onSubmit: this.send, onKeydown: send }, [
      h("div", { class: "grid" }, this.fields.map((each) => this.field(each))),
      h("div", { class: "buttons" }, [
        h("button", { type: "submit", class: "primary", disabled: this.busy }, this.busy ? "正在提交…" : this.submit),
        h("kbd", "Ctrl+回车"),
        this.said ? h("span", { class: this.good ? "done" : "wrong", role: "status" }, this.said) : null,
        h("span", { class: "note saved" }, this.note),
      ]),
    ]);
  },
};
