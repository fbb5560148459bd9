// Looking up a report: the code stays in this page's memory, never in an address and never in any storage.

import { call, Trouble, upload } from "./net.js";
import { wirePapers } from "./papers.js";
import { wireReward } from "./reward.js";
import { day, digits, groups, make, moment, part, say, size, steps, Tray } from "./parts.js";

const API = "/api/v1/receipts";
const byId = (id) => document.getElementById(id);
const input = byId("code"), bad = byId("code-bad"), found = byId("found"), button = byId("look");
let code = "";

const sentence = (trouble) => (trouble instanceof Trouble && trouble.kind !== "lost" && trouble.message ? trouble.message : say("lost"));

function complain(text) {
  bad.textContent = text;
  bad.hidden = !text;
  input.setAttribute("aria-invalid", String(Boolean(text)));
}

/** Four digits and a space, whatever was typed or pasted; the caret stays behind the digit it stood behind. */
function regroup() {
  const before = digits(input.value.slice(0, input.selectionStart)).length;
  const grouped = groups(digits(input.value).slice(0, 16));
  if (grouped === input.value) return;
  input.value = grouped;
  let at = 0;
  for (let seen = 0; at < grouped.length && seen < before; at += 1) if (grouped[at] !== " ") seen += 1;
  input.setSelectionRange(at, at);
}
input.addEventListener("input", (event) => { if (!event.isComposing) regroup(); });
input.addEventListener("compositionend", regroup);

byId("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  regroup();
  code = digits(input.value);
  if (code.length !== 16) { complain(say("short", { count: code.length })); input.focus(); return; }
  button.disabled = true;
  button.textContent = say("looking");
  try {
    draw(await call("POST", `${API}/status`, { body: { query_code: code } }));
    complain("");
    byId("asking").hidden = true;
    part(found, "state").focus();
  } catch (trouble) {
    complain(sentence(trouble));
    input.focus();
  } finally {
    button.disabled = false;
    button.textContent = say("look");
  }
});

function draw(status) {
  const view = byId("status").content.cloneNode(true);
  const put = (name, text) => { part(view, name).textContent = text; };
  put("number", status.case_number);
  put("state", status.state_name);
  put("explanation", status.explanation);
  put("authority", status.authority);
  put("received", moment(status.received_at));
  part(view, "due-row").hidden = !status.due_on;
  if (status.due_on) {
    put("due", day(status.due_on));
    part(view, "due").dateTime = status.due_on;
    steps(part(view, "derivation"), status.derivation);
  }
  part(view, "outcome-row").hidden = !status.outcome;
  put("outcome", status.outcome ?? "");
  part(view, "evidence-card").hidden = !status.evidence.length;
  part(view, "evidence").append(...status.evidence.map(given));
  part(view, "steps").append(...status.steps.map(step));
  part(view, "letters").append(...status.messages.map(letter));
  part(view, "no-letters").hidden = status.messages.length > 0;
  part(view, "rate-card").hidden = !status.may_rate && !status.rating;
  part(view, "rate").hidden = !status.may_rate;
  part(view, "rated").hidden = !status.rating;
  put("rated", status.rating ? say("rated", { stars: status.rating }) : "");
  part(view, "reward-card").hidden = !status.reward;
  found.replaceChildren(view);
  found.hidden = false;
  byId("leave").hidden = false;
  wireAdd(part(found, "add"));
  wireRate(part(found, "rate"));
  wirePapers(found, status.papers, () => code, sentence);
  if (status.reward) wireReward(found, status.reward, () => code, refresh, sentence);
  part(found, "prove").addEventListener("click", () => prove(status.case_number));
}

/** The proof is fetched when it is asked for; the file is made here, so that the code stays out of any address. */
async function prove(number) {
  const ask = part(found, "prove"), wrong = part(found, "proof-bad");
  ask.disabled = true;
  try {
    const held = await call("POST", `${API}/proof`, { body: { query_code: code } });
    part(found, "rank").textContent = held.rank ? say("rank", { rank: held.rank }) : say("rank_waiting");
    part(found, "signed").textContent = held.position ? say("signed", { at: moment(held.signed_at), position: held.position }) : say("signed_waiting");
    part(found, "commitment").textContent = held.commitment.replace(/(.{8})(?=.)/g, "$1 ");
    const link = part(found, "file");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(held.file)], { type: "application/json" }));
    link.download = say("proof_file", { number });
    part(found, "proof").hidden = false;
    wrong.hidden = true;
    ask.hidden = Boolean(held.position);
  } catch (trouble) {
    wrong.textContent = sentence(trouble);
    wrong.hidden = false;
  } finally { ask.disabled = false; }
}

function step(one) {
  const when = one.at ? make("span", { class: "when" }, moment(one.at)) : null;
  const state = make("span", { class: "unseen" }, `（${say(one.state)}）`);
  return make("li", { class: one.state, "aria-current": one.state === "current" ? "step" : null }, make("strong", {}, one.title), state, when);
}

function given(one) {
  const about = make("span", { class: "faint" }, `${size(one.size)} · ${moment(one.at)}`);
  return make("li", {}, make("span", { class: "name" }, one.name || say("nameless")), about);
}

function letter(one) {
  const who = `${say(one.from_person ? "from_you" : "from_desk")} · ${moment(one.at)}`;
  return make("li", { class: one.from_person ? "mine" : "theirs" }, make("span", { class: "who" }, who), make("span", { class: "what" }, one.text));
}

const refresh = async (said, message) => {
  draw(await call("POST", `${API}/status`, { body: { query_code: code } }));
  const line = byId(said);
  line.className = "good";
  line.textContent = message;
  if (line.closest("[hidden]")) return;
  line.scrollIntoView({ block: "nearest" });
};

function wireAdd(form) {
  const text = byId("more"), said = byId("add-said"), progress = byId("progress"), submit = form.querySelector("[type=submit]");
  const tell = (words, fine = false) => { said.className = fine ? "good" : "bad"; said.textContent = words; };
  const tray = new Tray(byId("chips"), tell);
  tray.listen(byId("pick"), byId("file"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text.value.trim() && !tray.files.length) { tell(say("nothing")); text.focus(); return; }
    submit.disabled = true;
    const fields = { query_code: code, text: text.value };
    try {
      progress.hidden = !tray.files.length;
      const { message } = tray.files.length
        ? await upload(`${API}/messages`, fields, tray.files, { progress: (share) => { progress.value = share * 100; } })
        : await call("POST", `${API}/messages`, { body: fields });
      await refresh("add-said", message);
    } catch (trouble) { tell(sentence(trouble)); } finally { submit.disabled = false; progress.hidden = true; }
  });
}

function wireRate(form) {
  const said = byId("rate-said"), meaning = part(form, "meaning");
  form.addEventListener("change", (event) => {
    if (event.target.name === "stars") meaning.textContent = form.querySelector(`label[for="${event.target.id}"]`).title;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const stars = Number(new FormData(form).get("stars"));
    if (!stars) { said.className = "bad"; said.textContent = say("choose"); return; }
    try {
      const { message } = await call("POST", `${API}/rating`, { body: { query_code: code, stars, comment: byId("comment").value } });
      await refresh("rate-said", message);
    } catch (trouble) { said.className = "bad"; said.textContent = sentence(trouble); }
  });
}

byId("leave").addEventListener("click", () => {
  code = "";
  input.value = "";
  found.replaceChildren();
  found.hidden = true;
  byId("leave").hidden = true;
  byId("asking").hidden = false;
  input.focus();
});
