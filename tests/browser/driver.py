"""A small WebDriver client: just what our tests need of https://www.w3.org/TR/webdriver2/ , spoken to chromedriver."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Shift": "\ue008", "Right": "\ue014", "Space": "\ue00d", "Escape": "\ue00c"}
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
CHROMEDRIVER = shutil.which("chromedriver") or ""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=zh-CN",
    "--hide-scrollbars",
    # Nothing but our own server may be reached, whatever a page tries.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class Browser:
    """One headless Chromium with a profile of its own, gone afterwards."""

    def __init__(self, profile: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._log = (profile / "driver.log").open("wb")
        self._process = subprocess.Popen([CHROMEDRIVER, f"--port={port}"], stdout=self._log, stderr=self._log)
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
        self._session = ""
        try:
            self.until(self._up, 20)
            arguments = [*FLAGS, f"--user-data-dir={profile / 'chromium'}"]
            options = {"binary": CHROMIUM, "args": arguments}
            wish = {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
            self._session = self._post("/session", {"capabilities": wish})["sessionId"]
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser, then the driver."""
        try:
            if self._session:
                self._http.delete(f"/session/{self._session}")
        finally:
            self._http.close()
            self._process.terminate()
            self._process.wait(10)
            self._log.close()

    def _up(self) -> bool:
        try:
            return bool(self._http.get("/status").json()["value"]["ready"])
        except httpx.TransportError:
            return False

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._http.post(path, json=body).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            raise AssertionError(f"{answer['error']}: {answer['message'].splitlines()[0]}")
        return answer

    def _do(self, path: str, **body: Any) -> Any:
        return self._post(f"/session/{self._session}/{path}", body)

    def cdp(self, command: str, **params: Any) -> Any:
        """A command of Chromium's own protocol."""
        return self._do("goog/cdp/execute", cmd=command, params=params)

    def open(self, url: str) -> None:
        """Go there and wait until it is loaded."""
        self._do("url", url=url)

    def look(self, width: int, height: int, *, dark: bool = False, phone: bool = False) -> None:
        """Set the window, the scheme of colours and the kind of pointer."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        pointer = {"name": "pointer", "value": "coarse" if phone else "fine"}
        self.cdp("Emulation.setEmulatedMedia", features=[scheme, pointer])

    def offline(self, off: bool) -> None:
        """Cut or mend the network."""
        self.cdp("Network.enable")
        self.cdp("Network.emulateNetworkConditions", offline=off, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript in the page; `return` gives a value back."""
        return self._do("execute/sync", script=script, args=list(arguments))

    def find(self, css: str) -> dict[str, str]:
        """The first element, once it is there."""
        found: list[dict[str, str]] = self.until(lambda: self.all(css), 10, css)
        return found[0]

    def all(self, css: str) -> list[dict[str, str]]:
        """All elements that are there now."""
        found: list[dict[str, str]] = self._do("elements", using="css selector", value=css)
        return found

    def press(self, css: str) -> None:
        """Click as a person would: it must be visible and not covered."""
        self._do(f"element/{self.find(css)[ELEMENT]}/click")

    def type(self, css: str, text: str) -> None:
        """Type into an element; for a file input, `text` is a path."""
        self._do(f"element/{self.find(css)[ELEMENT]}/value", text=text)

    def keys(self, *names: str) -> None:
        """Press keys wherever the focus is; "Shift+Enter" holds the first one."""
        actions: list[dict[str, str]] = []
        for name in names:
            held = [KEYS.get(key, key) for key in name.split("+")]
            actions += [{"type": "keyDown", "value": key} for key in held]
            actions += [{"type": "keyUp", "value": key} for key in reversed(held)]
        self._do("actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def text(self, css: str) -> str:
        """The visible text of an element."""
        return str(self.run("return document.querySelector(arguments[0])?.innerText ?? ''", css))

    def screenshot(self, path: Path) -> None:
        """The window as a PNG."""
        data = self._http.get(f"/session/{self._session}/screenshot").json()["value"]
        path.write_bytes(base64.b64decode(data))

    def complaints(self) -> list[str]:
        """What the console complained of since the last call."""
        entries = self._do("se/log", type="browser")
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def until(self, happens: Callable[[], Any], seconds: float = 10, what: str = "") -> Any:
        """Wait until `happens` gives something true, and give it back."""
        limit = time.monotonic() + seconds
        while not (value := happens()):
            if time.monotonic() > limit:
                raise AssertionError(f"did not happen within {seconds} s: {what or happens}")
            time.sleep(0.05)
        return value

    def shows(self, text: str, css: str = "body", seconds: float = 10) -> None:
        """Wait until the element shows the text."""
        self.until(lambda: text in self.text(css), seconds, text)
