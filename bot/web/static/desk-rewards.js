// Live steps of a proposal: what the sum would be as it is typed now. Without this script the form works all the same.
"use strict";

for (const form of document.querySelectorAll("form[data-preview]")) {
  const live = form.querySelector("[data-live]"), list = live.querySelector("ol");
  let waiting, last = 0;
  const draw = async () => {
    const mine = ++last;
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || mine !== last) return;
    const { lines } = await answer.json();
    list.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    live.hidden = !lines.length;
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(draw, 250); });
  if (form.closest("details").open) draw();
  form.closest("details").addEventListener("toggle", (event) => { if (event.target.open) draw(); });
}
