// Talks to the API: JSON by fetch, files by XMLHttpRequest, because only that tells how far an upload has come.

/** What went wrong: `kind` is lost (nothing reached us), busy (try again), gone (no such conversation) or refused. */
export class Trouble extends Error {
  constructor(kind, message, wait = 0) { super(message); this.kind = kind; this.wait = wait; }
}

const kindOf = (status) => (status === 401 ? "gone" : status === 503 || status === 502 || status === 504 ? "busy" : "refused");

const read = (status, text, wait) => {
  let body = {};
  try { body = JSON.parse(text); } catch { /* a proxy's own page */ }
  if (status >= 200 && status < 300) return body;
  const field = body.fields?.[0]?.message;
  throw new Trouble(kindOf(status), status === 422 && field ? field : body.message ?? "", Number(wait) || 5);
};

/** A JSON call; `token` opens a conversation. */
export async function call(method, path, { body, token } = {}) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  let response, text;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin", cache: "no-store" });
    text = await response.text();
  } catch { throw new Trouble("lost", ""); }
  return read(response.status, text, response.headers.get("Retry-After"));
}

/** A form with files; `progress` hears a share between 0 and 1. */
export function upload(path, fields, files, { token, progress } = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const file of files) form.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Accept", "application/json");
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => event.lengthComputable && progress?.(event.loaded / event.total);
    request.onload = () => {
      try { resolve(read(request.status, request.responseText, request.getResponseHeader("Retry-After"))); } catch (trouble) { reject(trouble); }
    };
    request.onerror = request.ontimeout = request.onabort = () => reject(new Trouble("lost", ""));
    request.send(form);
  });
}

/** A number for a message that no other message bears; crypto.randomUUID needs HTTPS, this does not. */
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
