// What was said in the call; a click on a time plays from there. Words are text nodes.
export default {
  props: { turns: Array, audio: String },
  data: () => ({ now: -1, trouble: false }),
  methods: {
    play(seconds) {
      const audio = this.$el.querySelector("audio");
      if (!audio) return;
      audio.currentTime = seconds;
      audio.play().catch(() => {});
    },
    show(turn) {
      const found = this.$el.querySelector(`[data-turn="${Number(turn)}"]`);
      if (!found) return;
      found.scrollIntoView({ block: "center" });
      found.querySelector("button")?.focus();
    },
    follow(event) {
      const at = event.target.currentTime + 0.05;
      this.now = this.turns.reduce((found, turn, place) => (turn.seconds <= at ? place : found), -1);
    },
    turn(turn, place) {
      const h = Vue.h;
      const words = turn.parts.map((part) =>
        part.mark ? h("mark", { title: part.mark }, [part.text, h("small", part.mark)]) : part.text,
      );
      const time = this.audio
        ? h("button", { type: "button", class: "time", title: "从这里听", "aria-label": `从${turn.at}听`, onClick: () => this.play(turn.seconds) }, turn.at)
        : h("span", { class: "time" }, turn.at);
      return h("li", { key: place, class: [turn.who, { now: place === this.now }], "data-turn": turn.turn }, [
        time,
        h("span", { class: "who" }, turn.who === "caller" ? "来电人" : "热线"),
        h("span", { class: "said" }, words),
      ]);
    },
  },
  render() {
    const h = Vue.h;
    const sound = this.audio
      ? [
          h("audio", { controls: true, preload: "metadata", src: this.audio, "aria-label": "通话录音", onTimeupdate: this.follow, onError: () => (this.trouble = true) }),
          this.trouble ? h("p", { class: "note", role: "status" }, "录音打不开，可能已按保存期限删除") : null,
        ]
      : [];
    return h("div", { class: "talk-part" }, [...sound, h("ol", { class: "talk-lines" }, (this.turns || []).map((turn, place) => this.turn(turn, place)))]);
  },
};
