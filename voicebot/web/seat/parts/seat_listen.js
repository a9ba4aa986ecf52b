// The sound of a talk that a supervisor listens in to (监听 耳语 强插).
import { Voice } from "/static/seat/voice.js";

export default {
  props: { call: String },
  data: () => ({ trouble: "" }),
  mounted() {
    this.voice = new Voice({ level: () => {}, trouble: (words) => (this.trouble = words) });
    this.voice.join(this.call, "");
  },
  unmounted() {
    this.voice.leave();
  },
  render() {
    return Vue.h("p", { class: this.trouble ? "wrong" : "note", role: "status" }, this.trouble || "已接通声音");
  },
};
