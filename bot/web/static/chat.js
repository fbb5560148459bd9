// The conversation page. What it must not lose: a message that was typed, a receipt that was shown.
// The tab's own storage holds the conversation, so that a reload goes on and a closed tab forgets.

import * as bubbles from "./bubbles.js";
import { call, newId, Trouble, upload } from "./net.js";
import { say, Tray } from "./parts.js";

const API = "/api/v1/conversations";
const POLL_MS = 15_000;
const byId = (id) => document.getElementById(id);
const text = byId("text"), sendButton = byId("send"), line = byId("say"), form = byId("composer");

const store = {
  read: () => { try { return JSON.parse(sessionStorage.getItem("talk")); } catch { return null; } },
  write: () => { try { sessionStorage.setItem("talk", JSON.stringify(talk)); } catch { /* private mode: a reload begins anew */ } },
  wipe: () => { try { sessionStorage.clear(); } catch { /* nothing was kept */ } },
};

let talk = null;      // {conversation, token, cursor, pending: {id, text}}
let sending = null;   // the message on its way: {id, text, files, fate, tries}

function tell(sentence, fine = false) {
  line.textContent = sentence;
  line.classList.toggle("fine", fine);
}

const tray = new Tray(byId("chips"), tell);

function busy(on) {
  bubbles.wait(on);
  sendButton.setAttribute("aria-disabled", String(on));
}

function show(answer) {
  bubbles.answer(answer.replies, answer.receipts ?? [], tell);
  offerChoices(answer.replies);
}

/** The quick replies of the last thing said. */
function offerChoices(replies) {
  bubbles.choices(replies.at(-1)?.choices ?? [], (choice) => send(choice, []));
}

async function begin() {
  bubbles.clear();
  busy(true);
  try {
    const begun = await call("POST", API);
    talk = { conversation: begun.conversation, token: begun.token, cursor: 0, pending: null };
    store.write();
    tell("");
    show(begun);
  } catch (trouble) {
    tell(trouble.message || say("no_start"));
    bubbles.offer(say("try_start"), begin);
  } finally { busy(false); }
}

async function resume() {
  const path = `${API}/${talk.conversation}`;
  busy(true);
  try {
    const { greeting, turns, cursor } = await call("GET", path, { token: talk.token });
    bubbles.clear();
    bubbles.answer(greeting, [], tell);
    for (const turn of turns) {
      if (turn.begun_by === "person") bubbles.mine(turn.text, [], turn.files);
      bubbles.answer(turn.replies, turn.receipts, tell, { desk: turn.begun_by === "desk" });
    }
    offerChoices(turns.at(-1)?.replies ?? greeting);
    talk.cursor = cursor;
    // It may have arrived although its answer was not heard any more.
    if (turns.some((turn) => turn.message_id && turn.message_id === talk.pending?.id)) talk.pending = null;
    tell("");
    store.write();
    if (talk.pending) again();
  } catch (trouble) {
    if (trouble.kind === "gone") { store.wipe(); await begin(); return; }
    tell(trouble.message || say("no_start"));
    bubbles.offer(say("try_start"), resume);
  } finally { if (!sending) busy(false); }
}

/** A message that was on its way when the page was reloaded goes again under its own number. */
function again() {
  const { id, text: words } = talk.pending;
  talk.pending = null;
  send(words, [], id);
}

function send(words, files, id = newId()) {
  if (!talk) return;
  if (sending) { tell(say("wait")); return; }
  if (!words.trim() && !files.length) { tell(say("nothing")); text.focus(); return; }
  tell("");
  bubbles.choices([], null);
  const bubble = bubbles.mine(words, files.map((file) => file.name));
  sending = { id, text: words, files, bubble, fate: new bubbles.Fate(bubble), tries: 0 };
  if (!files.length) talk.pending = { id, text: words };
  store.write();
  deliver();
}

async function deliver() {
  const now = sending;
  now.onItsWay = true;
  busy(true);
  const path = `${API}/${talk.conversation}/messages`;
  const fields = { message_id: now.id, text: now.text };
  try {
    const answer = now.files.length
      ? await upload(path, fields, now.files, { token: talk.token, progress: (share) => now.fate.progress(share) })
      : await call("POST", path, { body: fields, token: talk.token });
    now.fate.arrived();
    sending = talk.pending = null;
    tell("");
    show(answer);
    store.write();
    busy(false);
  } catch (trouble) {
    now.onItsWay = false;
    busy(false);
    if (!(trouble instanceof Trouble)) throw trouble;
    failed(now, trouble);
  }
}

function failed(now, trouble) {
  if (trouble.kind === "refused" || trouble.kind === "gone") { giveBack(now, trouble); return; }
  now.tries += 1;
  now.fate.failed(retry);
  tell(trouble.message || say(navigator.onLine ? "lost" : "offline"));
  if (now.tries <= 4) setTimeout(() => { if (sending === now && !now.onItsWay) retry(); }, trouble.wait ? trouble.wait * 1000 : 2 ** now.tries * 1000);
}

/** What the service will not take stays with the person, to be changed and sent again. */
function giveBack(now, trouble) {
  now.fate.arrived();
  now.bubble.remove();
  sending = talk.pending = null;
  if (!text.value) { text.value = now.text; grow(); }
  tray.put(now.files);
  if (trouble.kind === "gone") {
    store.wipe();
    tell(say("gone"));
    bubbles.offer(say("restart"), begin);
  } else {
    store.write();
    tell(now.text ? say("back", { message: trouble.message }) : trouble.message);
  }
  text.focus();
}

function retry() {
  if (!sending || sending.onItsWay) return;
  sending.fate.again();
  deliver();
}

async function poll() {
  if (!talk || sending || document.hidden || !navigator.onLine) return;
  const { conversation, token, cursor } = talk;
  try {
    const { messages } = await call("GET", `${API}/${conversation}/messages?after=${cursor}`, { token });
    if (!messages.length || sending || talk?.conversation !== conversation) return;
    for (const one of messages) {
      talk.cursor = Math.max(talk.cursor, one.cursor);
      bubbles.theirs(one, { desk: true });
      if (one.choices.length) offerChoices([one]);
    }
    store.write();
  } catch { /* the next round tries again */ }
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 3, 160)}px`;
}

function submit() {
  if (sending || !talk) { tell(say(talk ? "wait" : "no_start")); return; }
  const words = text.value;
  if (!words.trim() && !tray.files.length) { tell(say("nothing")); return; }
  const files = tray.take();
  text.value = "";
  grow();
  send(words, files);
}

form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  // While a Chinese input method is composing, Enter picks a word.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); submit(); }
});
text.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length) { event.preventDefault(); tray.add(files); }
});
tray.listen(byId("pick"), byId("file"));
tray.listen(byId("shoot"), byId("photo"));

const drop = byId("drop");
const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
addEventListener("dragover", (event) => { if (carries(event)) { event.preventDefault(); drop.hidden = false; } });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.hidden = true; });
addEventListener("drop", (event) => { if (carries(event)) { event.preventDefault(); drop.hidden = true; tray.add([...event.dataTransfer.files]); } });

const leaving = byId("leaving");
byId("leave").addEventListener("click", () => leaving.showModal());
leaving.addEventListener("close", () => {
  if (leaving.returnValue !== "leave") return;
  store.wipe();
  talk = sending = null;
  document.querySelector(".shell").replaceWith(byId("left").content.cloneNode(true));
  document.body.className = "plain";
  byId("leave").remove();
  document.title = document.title.trim();
  document.querySelector("main h1").focus();
});

addEventListener("online", retry);
addEventListener("offline", () => tell(say("offline")));
addEventListener("beforeunload", (event) => { if (sending?.files.length) event.preventDefault(); });
setInterval(poll, POLL_MS);
document.addEventListener("visibilitychange", poll);

talk = store.read();
if (talk) resume(); else begin();
