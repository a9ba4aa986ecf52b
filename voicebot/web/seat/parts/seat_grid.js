// A dense table whose times run by themselves; rows come whole from the server. All words are text nodes.
export default {
  props: { label: String, heads: Array, rows: Array, empty: String, now: Number, acts: Boolean },
  emits: ["act"],
  data: () => ({ at: Date.now() }),
  created() {
    this.offset = (this.now || Date.now()) - Date.now();
  },
  mounted() {
    this.ticking = setInterval(() => (this.at = Date.now()), 1000);
  },
  unmounted() {
    clearInterval(this.ticking);
  },
  watch: {
    now() {
      this.offset = this.now - Date.now();
    },
  },
  methods: {
    cell(cell, place) {
      const h = Vue.h;
      const late = cell.since && cell.late && this.at + this.offset - cell.since > cell.late * 1000;
      const words = cell.since ? this.time(cell.since) : cell.text;
      return h("td", { key: place, class: [cell.kind, { late }], title: cell.hint }, [
        cell.kind?.startsWith("state") ? h("span", { class: "dot", "aria-hidden": "true" }) : null,
        words,
        ...(cell.marks || []).map(([word, kind]) => h("span", { class: `mark ${kind}`, key: word }, word)),
      ]);
    },
    time(since) {
      const whole = Math.max(0, Math.floor((this.at + this.offset - since) / 1000));
      return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
    },
    row(row) {
      const h = Vue.h;
      const acts = row.acts.map(([act, words]) =>
        h("button", { type: "button", class: "small", key: act, "aria-label": `${row.name}：${words}`, onClick: () => this.$emit("act", { key: row.key, act }) }, words),
      );
      return h("tr", { key: row.key, class: row.kind }, [...row.cells.map((cell, place) => this.cell(cell, place)), this.acts ? h("td", { class: "acts" }, acts) : null]);
    },
  },
  render() {
    const h = Vue.h;
    const rows = this.rows || [];
    return h("table", { class: "grid-table", "aria-label": this.label }, [
      h("thead", h("tr", [...this.heads.map((head) => h("th", { scope: "col", key: head }, head)), this.acts ? h("th", { scope: "col", class: "acts" }, "操作") : null])),
      h("tbody", rows.length ? rows.map((row) => this.row(row)) : [h("tr", [h("td", { colspan: this.heads.length + 1, class: "empty" }, this.empty)])]),
    ]);
  },
};
