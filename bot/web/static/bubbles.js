// Draws the conversation: bubbles, quick replies, receipts, and the fate of a message on its way.

import { day, groups, make, part, say, steps } from "./parts.js";

const log = document.getElementById("log");
const scroll = document.getElementById("scroll");
const typing = document.getElementById("typing");
const danger = document.getElementById("danger");

const down = () => requestAnimationFrame(() => { scroll.scrollTop = scroll.scrollHeight; });
const place = (element) => { log.append(element); down(); return element; };
const hidden = (text) => make("span", { class: "unseen" }, text);
const urgent = (text) => /(^|\D)110(\D|$)/.test(text) && /(^|\D)120(\D|$)/.test(text);

export function wait(on) { typing.hidden = !on; if (on) down(); }

export function mine(text, names, count = 0) {
  const files = names.map((name) => make("span", { class: "files" }, say("file", { name })));
  if (count) files.push(make("span", { class: "files" }, say("files", { count })));
  return place(make("p", { class: "bubble me" }, hidden(say("you")), text, ...files));
}

export function theirs(reply, { desk = false } = {}) {
  if (!reply.text) return null;
  const alarm = !desk && urgent(reply.text);
  if (alarm) danger.classList.add("now");
  const from = desk ? make("span", { class: "desk-from" }, say("desk")) : hidden(say("us"));
  const bubble = place(make("p", { class: `bubble them${desk ? " desk" : ""}${alarm ? " urgent" : ""}` }, from, reply.text));
  return bubble;
}

/** Only the last question's quick replies can be pressed; older ones go. */
export function choices(texts, pressed) {
  log.querySelectorAll(".choices").forEach((old) => old.remove());
  if (!texts.length) return;
  const buttons = texts.map((text) => make("button", { type: "button", onclick: () => pressed(text) }, text));
  place(make("div", { class: "choices", role: "group", "aria-label": say("choices") }, ...buttons));
}

function receipt(held, told) {
  const card = document.getElementById("receipt-card").content.firstElementChild.cloneNode(true);
  part(card, "number").textContent = held.case_number;
  part(card, "code").textContent = groups(held.query_code);
  part(card, "authority").textContent = held.authority;
  part(card, "due").textContent = day(held.due_on);
  part(card, "due").dateTime = held.due_on;
  steps(part(card, "derivation"), held.derivation);
  part(card, "proof").textContent = held.proof;
  part(card, "proof-row").hidden = !held.proof;
  part(card, "again").hidden = !held.already_told;
  part(card, "print").addEventListener("click", () => window.print());
  part(card, "copy").addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(held.query_code); told(say("copied"), true); } catch { select(part(card, "code")); told(say("copy_failed")); }
  });
  return place(card);
}

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

/** The line under a message on its way: progress, failure with a way out, or nothing once it arrived. */
export class Fate {
  constructor(bubble) { this.line = make("p", { class: "fate noprint" }); bubble.after(this.line); }

  progress(share) {
    const percent = Math.round(share * 100);
    if (!this.bar) {
      this.bar = make("progress", { max: 100, "aria-label": say("uploading", { percent: "" }) });
      this.line.replaceChildren(this.bar, make("span"));
    }
    this.bar.value = percent;
    this.line.lastChild.textContent = say("uploading", { percent });
  }

  failed(retry) {
    this.bar = null;
    this.line.className = "fate bad noprint";
    this.line.replaceChildren(say("failed"), make("button", { type: "button", class: "button quiet", onclick: retry }, say("retry")));
    down();
  }

  again() { this.line.className = "fate noprint"; this.line.replaceChildren(say("sending")); }
  arrived() { this.line.remove(); }
}

/** An answer's replies and receipts; a reply that only repeats a receipt in words gives way to the card. */
export function answer(replies, receipts, tell, { desk = false } = {}) {
  const codes = receipts.map((held) => groups(held.query_code));
  for (const reply of replies) if (!codes.some((code) => reply.text.includes(code))) theirs(reply, { desk });
  const cards = receipts.map((held) => receipt(held, tell));
  // A long card is read from its top.
  if (cards.length) requestAnimationFrame(() => { scroll.scrollTop = cards[0].offsetTop - 8; });
}

export function clear() { log.replaceChildren(); danger.classList.remove("now"); }
export function offer(text, act) { place(make("div", { class: "choices" }, make("button", { type: "button", onclick: (event) => { event.target.parentElement.remove(); act(); } }, text))); }
