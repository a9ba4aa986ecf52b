// What an action needs. Everything typed is kept on the server (PUT, apart from the page's own connection)
// 0.35 s after the last key; while that does not work it is kept in this browser. The page is drawn anew
// around it, never into it.
const SAVE_AFTER = 350;
const RETRY_AFTER = 2000;

export default {
  props: { fields: Array, values: Object, no: String, action: String, version: Number, title: String, submit: String, confirm: String, saved: String },
  emits: ["done", "leave"],
  data() {
    return { own: { ...this.values }, from: this.version, note: this.saved ? `草稿已存（${this.saved}）` : "", wrong: {}, sure: false, busy: false, said: "" };
  },
  created() {
    this.place = `tickets.draft.${this.no}.${this.action}`;
    this.key = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`;
    this.timer = null;
    this.saving = Promise.resolve();
    this.dirty = false;
    this.over = false;
    const left = localStorage.getItem(this.place); // what could not be saved the last time
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
    this.leaving = () => this.dirty && !this.over && this.put({ keepalive: true });
    window.addEventListener("pagehide", this.leaving);
    this.$el.querySelector("textarea, select, input")?.focus({ preventScroll: true });
    this.$el.scrollIntoView({ block: "nearest" });
  },
  beforeUnmount() {
    window.removeEventListener("pagehide", this.leaving);
    clearTimeout(this.timer);
    if (this.dirty && !this.over) this.put({ keepalive: true });
    this.over = true;
  },
  methods: {
    set(name, value) {
      this.own = { ...this.own, [name]: value };
      this.wrong = { ...this.wrong, [name]: "" };
      this.sure = false;
      this.changed();
    },
    changed() {
      this.dirty = true;
      this.note = "";
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), SAVE_AFTER);
    },
    put(more = {}) {
      return fetch("/tickets/draft", {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ticket_no: this.no, action: this.action, version: this.from, values: this.own }),
        ...more,
      });
    },
    save() {
      this.saving = this.saving.then(async () => {
        if (this.over || !this.dirty) return;
        const sent = JSON.stringify(this.own);
        try {
          const answer = await this.put();
          if (answer.status === 401) return this.later("登录已过期：请在新窗口登录；您写的内容还在这里", sent);
          const body = await answer.json();
          if (!answer.ok) return this.later(body.detail || "没有存上", sent);
          this.note = `草稿已存（${body.words}）`;
          if (sent === JSON.stringify(this.own)) this.dirty = false;
          localStorage.removeItem(this.place);
        } catch {
          this.later("连不上服务器：先存在这个浏览器里，正在重试", sent);
        }
      });
      return this.saving;
    },
    later(words, sent) {
      if (this.over) return;
      this.note = words;
      localStorage.setItem(this.place, sent);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), RETRY_AFTER);
    },
    async send(event) {
      event?.preventDefault();
      if (this.busy) return;
      this.wrong = Object.fromEntries(this.fields.filter((field) => field.required && this.empty(field)).map((field) => [field.name, `请填写${field.label}`]));
      const first = this.fields.find((field) => this.wrong[field.name]);
      if (first) return this.$el.querySelector(`[name="${first.name}"]`)?.focus();
      if (this.confirm && !this.sure) {
        this.sure = true;
        return this.$nextTick(() => this.$el.querySelector(".really")?.focus());
      }
      this.busy = true;
      this.said = "";
      clearTimeout(this.timer);
      await this.save();
      this.$emit("done", { values: { ...this.own }, version: this.from, key: this.key });
    },
    empty(field) {
      const value = this.own[field.name];
      return Array.isArray(value) ? !value.length : !String(value ?? "").trim();
    },
    refused(words) {
      this.busy = false;
      this.sure = false;
      this.said = words;
    },
    rebase(version) {
      this.from = version;
      this.busy = false;
      this.sure = false;
      this.said = "";
    },
    carriedOut() {
      this.over = true;
      this.dirty = false;
      localStorage.removeItem(this.place);
    },
    async leave() {
      this.carriedOut();
      clearTimeout(this.timer);
      await this.saving; // what is on its way must not come after the draft is dropped
      this.$emit("leave", {});
    },
    input(field) {
      const h = Vue.h;
      const value = this.own[field.name] ?? "";
      const shared = {
        name: field.name, id: `field-${this.action}-${field.name}`, "aria-required": field.required ? "true" : null,
        "aria-invalid": this.wrong[field.name] ? "true" : null,
      };
      const typed = (event) => this.set(field.name, event.target.value);
      if (field.kind === "area") return h("textarea", { ...shared, value, rows: field.rows || 4, maxlength: 10000, placeholder: field.hint, onInput: typed });
      if (field.kind === "select")
        return h("select", { ...shared, value, onChange: typed }, [
          h("option", { value: "", selected: value === "" }, field.required ? "请选择" : "不改"),
          ...field.options.map(([key, words]) => h("option", { value: key, selected: key === value }, words)),
        ]);
      if (field.kind === "units") return this.units(field, shared);
      return h("input", { ...shared, value, type: field.kind === "moment" ? "datetime-local" : "text", inputmode: field.kind === "number" ? "numeric" : null, maxlength: 200, placeholder: field.hint, onInput: typed });
    },
    units(field, shared) {
      const h = Vue.h;
      const chosen = this.own[field.name] || [];
      const put = (next) => this.set(field.name, next);
      return h("div", { class: "units" }, [
        ...chosen.map((name) => h("button", { type: "button", class: "chip", key: name, "aria-label": `去掉${name}`, onClick: () => put(chosen.filter((one) => one !== name)) }, `${name} ×`)),
        h("select", { ...shared, value: "", onChange: (event) => event.target.value && (put([...chosen, event.target.value]), (event.target.value = "")) }, [
          h("option", { value: "" }, "加一个单位…"),
          ...field.options.filter(([key]) => !chosen.includes(key)).map(([key, words]) => h("option", { value: key }, words)),
        ]),
      ]);
    },
    field(field) {
      const h = Vue.h;
      const offers = (field.offers || []).map((offer) =>
        h("button", { type: "button", class: ["offer", { chosen: this.own[field.name] === offer.value }], onClick: () => { this.set(field.name, offer.value); for (const [name, value] of Object.entries(offer.also || {})) this.set(name, value); } }, [
          h("b", offer.words), offer.why ? h("small", offer.why) : null,
        ]),
      );
      return h("div", { class: ["field", field.kind], key: field.name }, [
        h("label", { for: `field-${this.action}-${field.name}` }, [field.label, field.required ? h("span", { class: "must" }, "必填") : null]),
        offers.length ? h("div", { class: "offers" }, offers) : null,
        this.input(field),
        this.wrong[field.name] ? h("p", { class: "wrong", role: "alert" }, this.wrong[field.name]) : null,
      ]);
    },
  },
  render() {
    const h = Vue.h;
    const buttons = this.sure
      ? [
          h("span", { class: "ask", role: "alert" }, this.confirm),
          h("button", { type: "submit", class: "danger really", disabled: this.busy }, `确定${this.submit}`),
          h("button", { type: "button", onClick: () => (this.sure = false) }, "再想想"),
        ]
      : [
          h("button", { type: "submit", class: "primary", disabled: this.busy }, this.busy ? "正在提交…" : this.submit),
          h("button", { type: "button", onClick: this.leave }, "取消"),
          h("span", { class: "note saved", role: "status" }, this.note),
        ];
    const send = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) this.send(event);
    };
    return h("form", { class: "act", "aria-label": this.title, novalidate: true, onSubmit: this.send, onKeydown: send }, [
      h("h2", this.title),
      ...this.fields.map((field) => this.field(field)),
      this.said ? h("p", { class: "wrong", role: "alert" }, this.said) : null,
      h("div", { class: "buttons" }, buttons),
    ]);
  },
};
