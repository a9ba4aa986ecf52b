// A time that runs: how long since, or until; the server sends moments, not ticks.
export default {
  props: { since: Number, until: Number, now: Number, late: Number },
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
  render() {
    const now = this.at + this.offset;
    const whole = Math.max(0, this.until ? Math.ceil((this.until - now) / 1000) : Math.floor((now - this.since) / 1000));
    const words = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
    return Vue.h("span", { class: ["running", { late: this.late && whole >= this.late }] }, words);
  },
};
