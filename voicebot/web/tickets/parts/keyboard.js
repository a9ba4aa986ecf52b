// Switches the page's keys, and opens the help on "?".
import { enable, on } from "/static/tickets/keys.js";

export default {
  props: { enabled: Boolean },
  emits: ["help"],
  mounted() {
    enable(this.enabled);
    on({ "?": () => this.$emit("help", {}) });
  },
  methods: {
    enable(yes) {
      enable(yes);
    },
  },
  render: () => Vue.h("span", { hidden: true }),
};
