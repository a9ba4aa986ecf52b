// From a ticket to its neighbours in the list it was opened from, and back to that list.
import { on } from "/static/tickets/keys.js";

export default {
  props: { no: String },
  data: () => ({ address: "/tickets/", numbers: [] }),
  mounted() {
    try {
      const list = JSON.parse(sessionStorage.getItem("tickets.list")) || {};
      this.numbers = list.numbers || [];
      if (typeof list.address === "string" && list.address.startsWith("/tickets/?")) this.address = list.address;
    } catch {
      this.numbers = [];
    }
    on({ u: () => location.assign(this.address), "[": () => this.go(-1), "]": () => this.go(1) });
  },
  methods: {
    neighbour(by) {
      const at = this.numbers.indexOf(this.no);
      return at < 0 ? undefined : this.numbers[at + by];
    },
    go(by) {
      const no = this.neighbour(by);
      if (!no) return false;
      sessionStorage.setItem("tickets.list", JSON.stringify({ address: this.address, numbers: this.numbers, at: no }));
      location.assign(`/tickets/${no}`);
    },
  },
  render() {
    const h = Vue.h;
    const at = this.numbers.indexOf(this.no);
    const step = (by, words) =>
      h("button", { type: "button", class: "small", disabled: !this.neighbour(by), onClick: () => this.go(by) }, words);
    return h("nav", { class: "steps", "aria-label": "列表" }, [
      h("a", { href: this.address, class: "back", title: "u" }, "← 列表"),
      ...(at < 0 ? [] : [step(-1, "上一件"), h("span", { class: "note" }, `${at + 1}/${this.numbers.length}`), step(1, "下一件")]),
    ]);
  },
};
