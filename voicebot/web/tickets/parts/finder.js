// Search and filters. What is typed stays here until it is asked for; the server never writes into it
// unless another list or a saved filter is opened.
import { on } from "/static/tickets/keys.js";

export default {
  props: { values: Object, selects: Array, open: Boolean },
  emits: ["find", "keep"],
  data() {
    return { own: { ...this.values }, shown: this.open, naming: false, name: "" };
  },
  mounted() {
    on({
      "/": () => {
        const box = this.$el.querySelector("input[type=search]");
        box.focus();
        box.select();
      },
    });
  },
  methods: {
    load(values) {
      this.own = { ...values };
    },
    find() {
      this.$emit("find", { values: { ...this.own } });
    },
    set(name, value, now) {
      this.own = { ...this.own, [name]: value };
      if (now) this.find();
    },
    clear() {
      this.own = { q: "", by: "auto" };
      this.find();
    },
    keep(event) {
      event.preventDefault();
      if (!this.name.trim()) return;
      this.$emit("keep", { name: this.name.trim(), values: { ...this.own } });
      this.naming = false;
      this.name = "";
    },
    choice(name, label, options) {
      const h = Vue.h;
      const wanted = this.own[name] || "";
      const now = options.some(([value]) => value === wanted) ? wanted : options[0][0];
      return h(
        "select",
        { "aria-label": label, value: now, onChange: (event) => this.set(name, event.target.value, true) },
        options.map(([value, words]) => h("option", { value, selected: value === now }, words)),
      );
    },
    day(name, label) {
      return Vue.h("input", { type: "date", "aria-label": label, title: label, value: this.own[name] || "", onChange: (event) => this.set(name, event.target.value, true) });
    },
  },
  render() {
    const h = Vue.h;
    const button = (words, click, more = {}) => h("button", { type: "button", onClick: click, ...more }, words);
    const active = Object.entries(this.own).filter(([name, value]) => value && !["q", "by", "list", "after", "page"].includes(name)).length;
    const search = h("form", { role: "search", onSubmit: (event) => (event.preventDefault(), this.find()) }, [
      this.choice("by", "按什么找", [["auto", "自动"], ["number", "工单号"], ["phone", "电话"], ["text", "字词"]]),
      h("input", {
        type: "search", value: this.own.q || "", maxlength: 100, placeholder: "工单号、尾号、电话或字词（按 / 到这里）", "aria-label": "查找工单",
        onInput: (event) => (this.own.q = event.target.value),
      }),
      h("button", { type: "submit", class: "primary" }, "查找"),
      button(active ? `筛选（${active}）` : "筛选", () => (this.shown = !this.shown), { "aria-expanded": String(this.shown) }),
    ]);
    const parts = [search];
    if (this.shown) {
      const naming = this.naming
        ? h("form", { class: "naming", onSubmit: this.keep }, [
            h("input", { type: "text", maxlength: 20, placeholder: "给这组筛选起名", "aria-label": "筛选的名称", value: this.name, onInput: (event) => (this.name = event.target.value), onVnodeMounted: (node) => node.el.focus() }),
            h("button", { type: "submit" }, "保存"),
            button("取消", () => (this.naming = false)),
          ])
        : button("保存这组筛选…", () => (this.naming = true));
      parts.push(
        h("div", { class: "filters" }, [
          ...this.selects.map((select) => this.choice(select.name, select.label, select.options)),
          h("label", { class: "days" }, ["登记日期 ", this.day("since", "从这天起"), " 至 ", this.day("until", "到这天止")]),
          button("清空", this.clear),
          naming,
        ]),
      );
    }
    return h("div", { class: "finder" }, parts);
  },
};
