// 承办台没有脚本也能用；这里只添几样方便：打开定位到的表单、防止重复提交、按输入查找主管部门、打印回执。
// 承办台没有脚本也能用；这里只添四样方便：打开定位到的表单、防止重复提交、按输入查找主管部门、到期离开解密页面。
"use strict";

function openTarget() {
  const act = location.hash.startsWith("#act-") && document.getElementById(location.hash.slice(1));
  if (act) {
    act.open = true;
    const field = act.querySelector("textarea, select, input:not([type=hidden])");
    (field || act.querySelector("summary")).focus();
  }
}

function submitOnce(event) {
  for (const button of event.target.querySelectorAll("button")) {
    // The browser must read the form before its button goes dead.
    setTimeout(() => { button.disabled = true; }, 0);
  }
}

async function suggest(field) {
  const list = document.getElementById(field.getAttribute("list"));
  const answer = await fetch(`${field.dataset.find}?q=${encodeURIComponent(field.value)}`, { headers: { accept: "application/json" } });
  if (!answer.ok) return;
  const found = await answer.json();
  list.replaceChildren(...found.map(({ code, name }) => {
    const option = document.createElement("option");
    option.value = `${name}（${code}）`;
    return option;
  }));
}

document.addEventListener("submit", (event) => { if (event.target.method === "post") submitOnce(event); });
addEventListener("hashchange", openTarget);
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
});
for (const field of document.querySelectorAll("input[data-find]")) {
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (field.value.trim().length > 1) suggest(field); }, 200);
  });
}
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
openTarget();
const leaving = document.querySelector("[data-leave]");
// 到期即离开：解密内容不留在屏幕上。
if (leaving) setTimeout(() => location.replace("/desk/unmasking"), Number(leaving.dataset.leave) * 1000);
const problem = document.querySelector(".problem[role=alert]");
if (problem && !location.hash) { problem.tabIndex = -1; problem.focus(); }
