// The papers addressed to the teller: read on his receipt, or taken along as the file that went out.

import { call } from "./net.js";
import { make, moment, part, say } from "./parts.js";

const API = "/api/v1/receipts/paper";
const TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/** List the papers; each opens below the list. The file is made here, so that the code stays out of any address. */
export function wirePapers(root, papers, code, sentence) {
  part(root, "papers-card").hidden = !papers.length;
  const sheet = part(root, "sheet"), row = part(root, "sheet-row"), bad = part(root, "paper-bad"), link = part(root, "sheet-file");
  const shut = () => { sheet.hidden = row.hidden = true; if (link.href) URL.revokeObjectURL(link.href); };
  part(root, "sheet-close").addEventListener("click", shut);
  const open = async (one, button) => {
    button.disabled = true;
    try {
      const { blocks, file } = await call("POST", API, { body: { query_code: code(), number: one.number } });
      shut();
      sheet.replaceChildren(...blocks.map(block));
      sheet.setAttribute("aria-label", `${one.name} ${one.number}`);
      const bytes = Uint8Array.from(atob(file), (sign) => sign.charCodeAt(0));
      link.href = URL.createObjectURL(new Blob([bytes], { type: TYPE }));
      link.download = say("paper_file", one);
      sheet.hidden = row.hidden = false;
      bad.hidden = true;
      sheet.focus();
    } catch (trouble) {
      bad.textContent = sentence(trouble);
      bad.hidden = false;
    } finally { button.disabled = false; }
  };
  part(root, "papers").append(...papers.map((one) => {
    const button = make("button", { class: "button quiet", type: "button" }, say("open_paper"));
    button.addEventListener("click", () => open(one, button));
    const about = make("span", { class: "faint" }, `${one.number} · ${moment(one.at)}`);
    return make("li", {}, make("span", { class: "name" }, one.name), about, button);
  }));
}

function block(one) {
  if (!one.rows) return make("p", { class: `s-${one.style.toLowerCase()}` }, one.text);
  return make("table", {}, ...one.rows.map(([name, text]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, text))));
}
