// The list: dense rows, the same whether by pointer or by j/k and Enter. All words are text nodes.
import { on } from "/static/tickets/keys.js";

const PLACE = "tickets.list"; // where a ticket's page finds its neighbours

export default {
  props: { rows: Array, label: String, empty: String, address: String },
  emits: ["turn"],
  data: () => ({ at: "" }),
  mounted() {
    this.at = this.remembered().at || "";
    const moved = (by) => (event) => this.move(by, event);
    on({
      j: moved(1), ArrowDown: moved(1), k: moved(-1), ArrowUp: moved(-1),
      Enter: (event) => this.open(event),
      "[": () => this.$emit("turn", { by: -1 }), "]": () => this.$emit("turn", { by: 1 }),
    });
    this.remember();
  },
  updated() {
    this.remember();
  },
  methods: {
    index() {
      return (this.rows || []).findIndex((row) => row.no === this.at);
    },
    move(by, event) {
      const rows = this.rows || [];
      if (!rows.length) return false;
      if (event.key.startsWith("Arrow") && event.target.closest?.("button, a:not(.row-link), summary")) return false;
      const now = this.index();
      this.at = rows[now < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(now + by, 0), rows.length - 1)].no;
      this.$nextTick(() => this.link()?.focus());
    },
    link() {
      return this.$el.querySelector("tr[aria-current] a");
    },
    open(event) {
      if (event.target.closest?.("a, button, summary")) return false; // Enter is theirs
      const link = this.link();
      if (!link) return false;
      link.click();
    },
    remembered() {
      try {
        return JSON.parse(sessionStorage.getItem(PLACE)) || {};
      } catch {
        return {};
      }
    },
    remember() {
      const numbers = (this.rows || []).map((row) => row.no);
      sessionStorage.setItem(PLACE, JSON.stringify({ address: this.address, numbers, at: this.at }));
    },
    row(row) {
      const h = Vue.h;
      const cell = (kind, ...inner) => h("td", { class: kind }, inner);
      const marks = row.marks.map((mark) => h("span", { class: `mark ${mark.kind}`, title: mark.hint }, mark.word));
      const link = h(
        "a",
        { class: "row-link", href: `/tickets/${row.no}`, onFocus: () => ((this.at = row.no), this.remember()) },
        row.title,
      );
      return h(
        "tr",
        { key: row.no, "aria-current": row.no === this.at ? "true" : null, class: `light-${row.light}`, onClick: (event) => event.target.closest("a") || this.link_of(event) },
        [
          cell("light", h("span", { class: `lamp ${row.light}`, "aria-hidden": "true" }), h("span", { class: `light-word ${row.light}` }, row.lightWord)),
          cell("no", row.no.slice(0, 8), h("b", row.no.slice(8))),
          cell("title", h("div", { class: "line" }, [link, ...marks])),
          cell("place", h("div", { class: "line", title: row.place }, row.place)),
          cell("unit", h("div", { class: "line", title: row.unit }, row.unit)),
          cell("state", row.state),
          cell(`due ${row.light}`, h("span", { title: row.dueHint }, row.due)),
        ],
      );
    },
    link_of(event) {
      event.currentTarget.querySelector("a").click();
    },
  },
  render() {
    const h = Vue.h;
    const heads = ["灯", "工单号", "事项", "地点", "单位", "状态", "期限"];
    const body = (this.rows || []).length
      ? this.rows.map((row) => this.row(row))
      : [h("tr", [h("td", { colspan: heads.length, class: "empty" }, this.empty)])];
    return h("table", { class: "rows", "aria-label": this.label }, [
      h("thead", h("tr", heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", body),
    ]);
  },
};
