// The teller's own reward on his receipt: claim it, or give it up; what he types is sent once and kept nowhere here.

import { call } from "./net.js";
import { part, say } from "./parts.js";

const API = "/api/v1/receipts/reward";

/** Show the state and wire the two forms; `refresh` draws the page anew and says what happened. */
export function wireReward(root, reward, code, refresh, sentence) {
  part(root, "reward-state").textContent = reward.state_name;
  part(root, "reward").textContent = reward.text;
  const claim = part(root, "claim"), waive = part(root, "waive");
  claim.hidden = !reward.may_claim;
  waive.hidden = !reward.may_waive;
  const said = root.querySelector("#reward-said");
  const tell = (text) => { said.className = "bad"; said.textContent = text; };
  const send = async (form, body) => {
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      const { message } = await call("POST", API, { body: { query_code: code(), ...body } });
      await refresh("reward-said", message);
    } catch (trouble) { tell(sentence(trouble)); } finally { button.disabled = false; }
  };
  const follow = () => {
    const bank = new FormData(claim).get("how") !== "window";
    part(root, "account-row").hidden = !bank;
    part(root, "place-label").textContent = say(bank ? "bank_place" : "window_place");
  };
  claim.addEventListener("change", follow);
  follow();
  claim.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(claim));
    if (!fields.how) { tell(say("choose_how")); claim.querySelector("[name=how]").focus(); return; }
    if (fields.how === "window") fields.account = "";
    send(claim, { act: "claim", ...fields });
  });
  waive.addEventListener("submit", (event) => { event.preventDefault(); send(waive, { act: "waive" }); });
}
