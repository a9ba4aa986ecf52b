// Headset and microphone before a shift: bell, level, three seconds recorded and played back, which devices.
import { openSound } from "/call/static/audio.js";
import { sample } from "/static/seat/ring.js";
import { TROUBLES, devices, keepDevices } from "/static/seat/voice.js";

const SECONDS = 3;
const FRAMES = SECONDS * 50;
const HEARD = 0.01; // -40 dB

export default {
  emits: ["passed"],
  data: () => ({ level: 0, loudest: 0, trouble: "", phase: "idle", microphones: [], speakers: [], own: devices() }),
  unmounted() {
    this.sound?.close();
    clearTimeout(this.timer);
  },
  methods: {
    async start() {
      this.sound?.close();
      this.sound = null;
      this.trouble = "";
      this.frames = [];
      this.loudest = 0;
      try {
        this.sound = await openSound(true, (pcm, level) => this.heard(pcm, level), () => {}, this.own);
        await this.list();
        this.phase = "recording";
      } catch (error) {
        this.phase = "idle";
        this.trouble = TROUBLES[error.kind] || TROUBLES.in_use;
      }
    },
    async list() {
      const all = await navigator.mediaDevices.enumerateDevices();
      const of = (kind) => all.filter((each) => each.kind === kind && each.deviceId);
      this.microphones = of("audioinput");
      this.speakers = of("audiooutput");
    },
    heard(pcm, level) {
      this.level = Math.max(level, this.level * 0.8);
      if (this.phase !== "recording") return;
      this.loudest = Math.max(this.loudest, level);
      this.frames.push(pcm);
      if (this.frames.length >= FRAMES) this.back();
    },
    back() {
      this.phase = "playing";
      for (const pcm of this.frames.splice(0)) this.sound.play(pcm);
      this.timer = setTimeout(() => {
        this.phase = "done";
        this.sound?.close();
        this.sound = null;
        this.level = 0;
        if (this.loudest < HEARD) this.trouble = "几乎没有声音：请看耳机开关、音量，或者换一个麦克风";
      }, SECONDS * 1000 + 300);
    },
    choose(kind, value) {
      this.own = { ...this.own, [kind]: value };
      keepDevices(this.own);
    },
    select(kind, label, found) {
      const h = Vue.h;
      return h("label", [label, h("select", { value: this.own[kind] || "", onChange: (event) => this.choose(kind, event.target.value) }, [
        h("option", { value: "" }, "系统默认"),
        ...found.map((each, place) => h("option", { value: each.deviceId, key: each.deviceId }, each.label || `${label} ${place + 1}`)),
      ])]);
    },
  },
  render() {
    const h = Vue.h;
    const words = { idle: "", recording: "请说一句话：现在在录音…", playing: "正在放给您听：听得清楚吗？", done: "听清楚了就可以上班；没听清，换一个设备再试。" };
    return h("div", { class: "check" }, [
      h("div", { class: "buttons" }, [
        h("button", { type: "button", onClick: sample }, "试铃声"),
        h("button", { type: "button", class: "primary", disabled: ["recording", "playing"].includes(this.phase), onClick: this.start }, this.phase === "idle" ? "试麦克风和耳机" : "再试一次"),
      ]),
      h("div", { class: "meter big", role: "meter", "aria-label": "音量", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(this.level * 100) }, [
        h("i", { style: { width: `${Math.min(100, Math.round(Math.sqrt(this.level) * 160))}%` } }),
      ]),
      h("p", { role: "status" }, words[this.phase]),
      this.trouble ? h("p", { class: "wrong", role: "alert" }, this.trouble) : null,
      this.select("microphone", "麦克风", this.microphones),
      this.select("speaker", "耳机", this.speakers),
      h("div", { class: "buttons" }, [
        h("button", { type: "button", disabled: this.phase !== "done" || Boolean(this.trouble), class: "primary", onClick: () => this.$emit("passed", {}) }, "听清楚了"),
      ]),
    ]);
  },
};
