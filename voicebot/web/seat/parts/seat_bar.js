// The call bar: status, clocks, buttons, who is in the talk; the sound and the signs of life of this window.
// What is shown comes from the server; only the bell, the microphone and clocks live here.
import { enable, on } from "/static/seat/keys.js";
import { ring, wake } from "/static/seat/ring.js";
import { tabName } from "/static/seat/tab.js";
import { picker } from "/static/seat/targets.js";
import { Voice } from "/static/seat/voice.js";

const SURE_FOR = 3000; // ms in which a second press hangs up
const POP_FIRST = 350; // ms that the screen has before the bell
const SLOW = 800; // ms of an answer: the network is bad
const CHOOSING = { transfer: "转接给", conference: "加进通话", back: "交还热线，接着做" };

export default {
  props: {
    scene: String, status: String, tone: String, since: Number, until: Number, now: Number, buttons: Array, next: String,
    call: String, audio: Boolean, legs: Array, recording: Boolean, dropped: Number, targets: Array, flows: Array, keys: Boolean,
  },
  emits: ["tab", "press", "stale"],
  data: () => ({ at: Date.now(), level: 0, sound: "", net: "", slow: 0, gaps: 0, sure: 0, open: "", tab: "" }),
  created() {
    this.offset = (this.now || Date.now()) - Date.now();
    this.voice = new Voice({
      level: (level) => (this.level = Math.max(level, this.level * 0.8)),
      trouble: (words) => (this.sound = words),
      gap: () => this.gap(),
    });
    this.missed = 0;
  },
  async mounted() {
    enable(this.keys, (key, event) => this.pressed(key, event));
    on({ "/": () => this.send("seek", "") });
    this.ticking = setInterval(() => ((this.at = Date.now()), (this.level *= 0.6)), 250);
    for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, wake, true);
    this.tab = await tabName();
    this.$emit("tab", { tab: this.tab });
    this.live();
    this.follow();
  },
  unmounted() {
    clearInterval(this.ticking);
    this.pulse?.terminate();
    ring(false);
    this.voice.leave();
    for (const name of ["pointerdown", "keydown"]) document.removeEventListener(name, wake, true);
  },
  watch: {
    now() {
      this.offset = this.now - Date.now();
    },
    keys() {
      enable(this.keys, (key, event) => this.pressed(key, event));
    },
    scene(scene, before) {
      this.sure = 0;
      if (scene !== before) this.open = "";
      this.follow();
      this.beat();
    },
    call: "follow",
    buttons: "follow",
  },
  methods: {
    /** What the server shows, done here: bell, sound, silence. */
    follow() {
      clearTimeout(this.bell);
      if (this.scene === "offered") this.bell = setTimeout(() => ring(this.scene === "offered"), POP_FIRST);
      else ring(false);
      document.title = `${this.scene === "offered" ? "【来电】" : ""}${document.title.replace(/^【来电】/, "")}`;
      if (!this.tab) return;
      if (this.call && this.audio) this.voice.join(this.call, this.tab);
      else if (this.scene !== "offered") this.voice.leave(); // an answer may be on its way
      this.voice.mute(this.buttons.some((each) => each.act === "mute" && each.pressed));
    },
    live() {
      this.pulse = new Worker("/static/seat/pulse.js");
      this.pulse.onmessage = ({ data }) => this.felt(data);
      this.beat();
    },
    beat() {
      this.pulse?.postMessage({ tab: ["offline", "elsewhere"].includes(this.scene) ? "" : this.tab });
    },
    felt({ status, yours, ms }) {
      this.missed = status === 0 || status >= 500 ? this.missed + 1 : 0;
      this.slow = ms > SLOW ? ms : 0;
      if (status === 401) this.net = "登录已过期，请重新登录；来电和写的内容都还在";
      else if (this.missed > 1) this.net = "连不上服务器，正在重试；通话会保留";
      else this.net = "";
      if (status === 409 || yours === false) this.$emit("stale", {});
    },
    gap() {
      this.gaps += 1;
      setTimeout(() => (this.gaps -= 1), 10_000);
    },
    pressed(key, event) {
      if (key === "Escape" && this.open) {
        this.open = "";
        return true;
      }
      if (key === "Ctrl+F2") return this.$emit("press", { act: "toggle", to: "" }), true;
      const found = this.buttons.find((each) => each.on && each.key === key);
      if (!found || event.repeat) return false;
      this.press(found);
      return true;
    },
    press(button) {
      if (!button.on) return;
      const { act } = button;
      if (act === "hang_up" && !this.sure) {
        this.sure = Date.now();
        return setTimeout(() => (this.sure = 0), SURE_FOR);
      }
      if (act in CHOOSING || act === "keys") {
        this.open = this.open === act ? "" : act;
        return this.$nextTick(() => this.$el.querySelector(".picker input, .picker button")?.focus());
      }
      if (act === "answer") {
        ring(false);
        if (this.audio) this.voice.prepare();
      }
      if (act === "mute") this.voice.mute(!button.pressed);
      this.send(act, "");
    },
    send(act, to) {
      this.sure = 0;
      this.$emit("press", { act, to });
    },
    chosen(to) {
      const act = this.open;
      if (act !== "keys") this.open = "";
      this.send(act, to);
    },
    clock() {
      const now = this.at + this.offset;
      if (this.until) return `${Math.max(0, Math.ceil((this.until - now) / 1000))} 秒`;
      if (!this.since) return "";
      const whole = Math.max(0, Math.floor((now - this.since) / 1000));
      const hours = Math.floor(whole / 3600);
      const rest = `${String(Math.floor(whole / 60) % 60).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
      return hours ? `${hours}:${rest}` : rest;
    },
    button(each) {
      const h = Vue.h;
      const sure = each.act === "hang_up" && this.sure;
      return h(
        "button",
        {
          type: "button", key: each.act, class: ["act", `act-${each.act}`, { sure }], disabled: !each.on, "data-act": each.act,
          "aria-pressed": ["mute", "hold"].includes(each.act) ? String(each.pressed) : null,
          "aria-keyshortcuts": each.key || null,
          "aria-expanded": each.act in CHOOSING || each.act === "keys" ? String(this.open === each.act) : null,
          onClick: () => this.press(each),
        },
        [sure ? "再按一次挂机" : each.words, each.key && this.keys ? h("kbd", each.key.replace("Shift+", "⇧")) : null],
      );
    },
    party(leg) {
      const h = Vue.h;
      const drop = leg.drop ? h("button", { type: "button", class: "small", "aria-label": `请${leg.name}离开`, onClick: () => this.send("drop", leg.id) }, "移出") : null;
      return h("li", { key: leg.id, class: `is-${leg.state}` }, [h("b", leg.name), h("span", leg.words), drop]);
    },
    strip() {
      const h = Vue.h;
      if (!this.legs?.length && this.recording == null) return null;
      const record = this.recording == null ? null : h("span", { class: ["recording", { paused: !this.recording }] }, [
        this.recording ? "● 录音中" : "○ 录音已暂停",
        h("button", { type: "button", class: "small", onClick: () => this.send(this.recording ? "pause_recording" : "record", "") }, this.recording ? "暂停录音" : "继续录音"),
      ]);
      return h("div", { class: "strip" }, [
        h("ul", { class: "legs", "aria-label": "通话各方" }, (this.legs || []).map((leg) => this.party(leg))),
        record,
        this.dropped ? h("span", { class: "trouble" }, `机器忙，${this.dropped} 句没有转成文字`) : null,
      ]);
    },
  },
  render() {
    const h = Vue.h;
    const troubles = [this.net, this.sound, this.gaps > 2 ? "网络不稳，声音有断续" : "", this.slow ? `网络慢（${this.slow} 毫秒）` : ""].filter(Boolean);
    const meter = this.call && this.audio ? h("span", { class: "meter", title: "您的麦克风", "aria-hidden": "true" }, [h("i", { style: { width: `${Math.min(100, Math.round(Math.sqrt(this.level) * 160))}%` } })]) : null;
    return h("section", { class: ["call-bar", `tone-${this.tone}`], "aria-label": "通话条" }, [
      h("div", { class: "row" }, [
        h("div", { class: "state" }, [
          h("strong", { role: "status", "aria-live": "assertive", class: "status" }, this.status),
          h("span", { class: "ticker", "aria-hidden": "true" }, this.clock()),
          this.next ? h("span", { class: "next" }, `之后：${this.next}`) : null,
          meter,
        ]),
        h("div", { class: "acts", role: "toolbar", "aria-label": "通话操作" }, this.buttons.map((each) => this.button(each))),
      ]),
      this.open ? picker(this.open, CHOOSING[this.open], this.open === "back" ? this.flows : this.targets, (to) => this.chosen(to), () => (this.open = "")) : null,
      this.strip(),
      troubles.length ? h("div", { class: "troubles", role: "alert" }, troubles.map((words) => h("span", { class: "trouble", key: words }, words))) : null,
    ]);
  },
};
