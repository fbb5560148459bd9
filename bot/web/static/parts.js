// Small parts that both pages share: their sentences, dates, codes, and the tray of files that wait to be sent.

const source = document.getElementById("words");
export const words = source ? JSON.parse(source.textContent) : {};
export const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** An element with attributes and children; text is always text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export const part = (root, name) => root.querySelector(`[data-is="${name}"]`);
export const groups = (code) => code.replace(/\D/g, "").replace(/(\d{4})(?=\d)/g, "$1 ");
export const digits = (text) => text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).replace(/\D/g, "");

const WEEK = "日一二三四五六";
/** 2026-03-09 → 2026年3月9日（周一）; a calendar day, read without any time zone. */
export function day(iso) {
  const [year, month, date] = iso.slice(0, 10).split("-").map(Number);
  return `${year}年${month}月${date}日（周${WEEK[new Date(Date.UTC(year, month - 1, date)).getUTCDay()]}）`;
}
const CLOCK = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", year: "numeric", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
export const moment = (iso) => CLOCK.format(new Date(iso));

export function size(bytes) {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** One step a line, as an ordered list. */
export function steps(list, text) {
  list.replaceChildren(...text.split("\n").filter(Boolean).map((line) => make("li", {}, line)));
}

/** Files that wait to be sent, shown as chips in `list`; refuses what the service would refuse. */
export class Tray {
  constructor(list, tell) { this.list = list; this.tell = tell; this.files = []; }

  add(files) {
    const limit = Number(words.limit) * 1024 * 1024;
    for (const file of files) {
      if (this.files.length >= 20) return this.tell(say("too_many"));
      if (!file.size) this.tell(say("empty_file", { name: file.name }));
      else if (file.size > limit) this.tell(say("too_big", { name: file.name, limit: words.limit }));
      else if (this.files.reduce((sum, one) => sum + one.size, file.size) > limit) this.tell(say("too_big_all", { limit: words.limit }));
      else { this.files.push(file); this.tell(say("added", { name: file.name }), true); }
    }
    this.draw();
  }

  draw() {
    this.list.replaceChildren(...this.files.map((file) => {
      const picture = /^image\/(png|jpe?g|webp|gif)$/.test(file.type) ? make("img", { alt: "", src: URL.createObjectURL(file) }) : null;
      picture?.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
      const drop = make("button", { type: "button", "aria-label": say("remove", { name: file.name }), onclick: () => this.remove(file) }, "×");
      return make("li", {}, picture, make("span", { class: "name" }, file.name), make("span", { class: "faint" }, size(file.size)), drop);
    }));
  }

  remove(file) {
    this.files = this.files.filter((one) => one !== file);
    this.draw();
    this.tell(say("removed", { name: file.name }), true);
  }

  take() { const files = this.files; this.files = []; this.draw(); return files; }
  put(files) { this.files = files; this.draw(); }

  /** Wire a button to a file input. */
  listen(button, input) {
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => { this.add([...input.files]); input.value = ""; });
  }
}
