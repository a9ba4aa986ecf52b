// What is said, as it is said: lines are added below, drawn once, and never touched again. Words are text nodes.
const NEAR = 60; // px from the end: then it follows

export default {
  props: { empty: String },
  mounted() {
    this.clear();
  },
  methods: {
    clear() {
      this.list.replaceChildren();
      this.known = new Set();
      this.none.hidden = false;
    },
    /** New lines; those that are known already are passed over. */
    add(lines) {
      const follow = this.room.scrollHeight - this.room.scrollTop - this.room.clientHeight < NEAR;
      for (const line of lines) {
        if (this.known.has(line.key)) continue;
        this.known.add(line.key);
        this.list.append(this.line(line));
      }
      this.none.hidden = this.list.childElementCount > 0;
      if (follow) this.room.scrollTop = this.room.scrollHeight;
    },
    line(line) {
      const item = document.createElement("li");
      item.className = line.who;
      item.dataset.key = line.key;
      item.append(this.part("span", "time", line.at), this.part("span", "who", line.name));
      const said = this.part("span", "said", "");
      for (const part of line.parts) {
        if (!part.mark) said.append(part.text);
        else {
          const mark = this.part("mark", "", part.text);
          mark.title = part.mark;
          mark.append(this.part("small", "", part.mark));
          said.append(mark);
        }
      }
      item.append(said);
      return item;
    },
    part(tag, name, words) {
      const made = document.createElement(tag);
      if (name) made.className = name;
      made.textContent = words;
      return made;
    },
    show(key) {
      const found = [...this.list.children].find((item) => item.dataset.key === key);
      if (!found) return;
      found.scrollIntoView({ block: "center" });
      found.classList.remove("shown");
      requestAnimationFrame(() => found.classList.add("shown"));
    },
  },
  computed: {
    room() {
      return this.$el;
    },
    list() {
      return this.$el.querySelector("ol");
    },
    none() {
      return this.$el.querySelector("p");
    },
  },
  // Vue draws the frame once; the lines are ours.
  render() {
    return Vue.h("div", { class: "lines", tabindex: 0, role: "log", "aria-label": "通话文字" }, [
      Vue.h("p", { class: "note" }, this.empty),
      Vue.h("ol", { innerHTML: "" }),
    ]);
  },
};
