// The flow as a picture: click a step, see where the cursor and the rehearsed call are.
import { mermaid } from "nicegui-mermaid";

let count = 0;
let drawing = Promise.resolve(); // mermaid draws one picture at a time

export default {
  props: { content: String, label: String },
  emits: ["node"],
  render() {
    return Vue.h("div", { role: "img", "aria-label": this.label });
  },
  mounted() {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      theme: "base",
      themeVariables: {
        fontFamily: "inherit", fontSize: "13px", primaryColor: "#f1f6f1", primaryBorderColor: "#7d9a86",
        primaryTextColor: "#1d211f", lineColor: "#8a918b", edgeLabelBackground: "#fffefa",
      },
      flowchart: { useMaxWidth: false, nodeSpacing: 26, rankSpacing: 34, wrappingWidth: 150, padding: 8 },
    });
    this.here = "";
    this.been = [];
    this.now = "";
    this.zoom = 1;
    this.show(this.content);
    this.draggable();
  },
  methods: {
    show(content) {
      if (!content || content === this.shown) return;
      this.shown = content;
      drawing = drawing.then(() => this.draw(content)).catch((error) => console.error(error));
    },
    async draw(content) {
      if (content !== this.shown) return; // a newer one waits
      const { svg } = await mermaid.render(`drawing-${count++}`, content);
      const { scrollLeft, scrollTop } = this.$el;
      this.$el.innerHTML = svg; // sanitised by mermaid (securityLevel)
      this.steps = new Map();
      for (const node of this.$el.querySelectorAll("g.node")) {
        const id = /flowchart-(n\d+)-\d+$/.exec(node.id)?.[1];
        if (!id) continue;
        this.steps.set(id, node);
        node.addEventListener("click", () => this.$emit("node", { id }));
      }
      const box = this.$el.querySelector("svg").viewBox.baseVal;
      this.size = { width: box.width, height: box.height };
      this.scale(this.zoom);
      this.paint();
      if (this.$el.dataset.drawn) this.$el.scrollTo(scrollLeft, scrollTop);
      else this.bringIntoView(this.now || this.here || "n0");
      this.$el.dataset.drawn = String(Number(this.$el.dataset.drawn || 0) + 1);
    },
    paint() {
      if (!this.steps) return;
      for (const [id, node] of this.steps) {
        node.classList.toggle("here", id === this.here);
        node.classList.toggle("now", id === this.now);
        node.classList.toggle("been", this.been.includes(id));
      }
    },
    highlight(id) {
      this.here = id;
      this.paint();
      this.bringIntoView(id);
    },
    walked(ids, last) {
      const stays = last === this.now;
      this.been = ids;
      this.now = last;
      this.paint();
      if (!stays) this.bringIntoView(last);
    },
    bringIntoView(id) {
      const node = this.steps?.get(id);
      if (!node) return;
      const frame = this.$el.getBoundingClientRect();
      const box = node.getBoundingClientRect();
      const inside = box.top >= frame.top && box.bottom <= frame.bottom && box.left >= frame.left && box.right <= frame.right;
      if (inside) return;
      this.$el.scrollBy({
        left: box.left + box.width / 2 - frame.left - frame.width / 2,
        top: box.top + box.height / 2 - frame.top - frame.height / 2,
        behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
      });
    },
    scale(zoom) {
      this.zoom = Math.min(Math.max(zoom, 0.2), 2.5);
      const svg = this.$el.querySelector("svg");
      if (!svg) return;
      svg.style.width = `${this.size.width * this.zoom}px`;
      svg.style.height = `${this.size.height * this.zoom}px`;
      svg.style.maxWidth = "none";
    },
    closer() {
      this.scale(this.zoom * 1.25);
    },
    farther() {
      this.scale(this.zoom / 1.25);
    },
    fit() {
      const { clientWidth, clientHeight } = this.$el;
      this.scale(Math.min((clientWidth - 16) / this.size.width, (clientHeight - 16) / this.size.height));
    },
    draggable() {
      let start = null;
      this.$el.addEventListener("pointerdown", (event) => {
        if (event.button === 0 && !event.target.closest("g.node"))
          start = { x: event.clientX + this.$el.scrollLeft, y: event.clientY + this.$el.scrollTop };
      });
      this.$el.addEventListener("pointermove", (event) => {
        if (start) this.$el.scrollTo(start.x - event.clientX, start.y - event.clientY);
      });
      for (const end of ["pointerup", "pointerleave"]) this.$el.addEventListener(end, () => (start = null));
    },
  },
};
