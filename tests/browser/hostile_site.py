"""A site that wishes Darkroom ill: a page of its own, and what pages of other origins can try."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PAGE = "<!doctype html><meta charset=utf-8><title>cheap prints</title><link rel=icon href=data:,><body>"

ASK = """(address, requests) => Promise.all(requests.map(async ([mode, method, path, type]) => {
  const headers = type ? { "Content-Type": type } : {};
  const body = method === "GET" ? undefined : '{"count":0}';
  try {
    return await (await fetch(address + path, { mode, method, headers, body, credentials: "include" })).text();
  } catch {
    return "";
  }
}))"""
"""Sends requests; what can be read of each answer."""

UPLOAD = """async (address, path, mode) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 30 });
  canvas.getContext("2d").fillRect(5, 5, 20, 20);
  const image = await new Promise((made) => canvas.toBlob(made, "image/png"));
  const form = new FormData();
  form.append("batch_name", "hostile");
  form.append("files", image, "a.png");
  try {
    return await (await fetch(address + path, { method: "POST", mode, body: form })).text();
  } catch {
    return "";
  }
}"""
"""Uploads an image as a form would; what can be read of the answer."""

SUBMIT = """(address, path, encoding, target) => {
  const frame = Object.assign(document.createElement("iframe"), { name: encoding });
  document.body.append(frame);
  const form = Object.assign(document.createElement("form"), { method: "POST", action: address + path, target });
  form.enctype = encoding;
  for (const name of ["batch_name", '{"batch_name":"hostile","x":"'])
    form.append(Object.assign(document.createElement("input"), { name, value: '"}' }));
  document.body.append(form);
  form.submit();
}"""
"""Sends a form into a frame that is named after its encoding, or in place of the page."""

BEACON = """(address, paths) =>
  paths.map((path) => navigator.sendBeacon(address + path, new Blob(["{}"], { type: "text/plain" })))"""
"""Sends what goes out even while a page is left."""

EMBED = """(wanted) => Promise.all(wanted.map(([tag, attribute, url]) => new Promise((ended) => {
  const element = document.createElement(tag);
  if (tag === "link") element.rel = "stylesheet";
  element.onload = element.onloadeddata = () => ended("shown");
  element.onerror = () => ended("kept");
  element[attribute] = url;
  document.body.append(element);
})))"""
"""Shows something of the server within the page: `shown`, or `kept` where the browser keeps it from the page."""

LISTEN = """(urls) => Promise.all(urls.map((url) => new Promise((ended) => {
  const source = url.startsWith("ws") ? new WebSocket(url) : new EventSource(url);
  source.onopen = () => ended("open");
  source.onerror = () => ended("refused");
})))"""
"""Follows live events: `open` or `refused`."""

FRAME = """(urls) => Promise.all(urls.map((src) => new Promise((ended) => {
  document.body.append(Object.assign(document.createElement("iframe"), { src, onload: () => ended(true) }));
})))"""
"""Frames pages."""

SANDBOXED = """async ([script, given]) => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts allow-forms";
  const run = `(${script})(...${JSON.stringify(given)})`;
  frame.srcdoc = `<body><script>(async () => parent.postMessage(await ${run}, "*"))()<\\/script>`;
  const said = new Promise((ended) => addEventListener("message", ({ data }) => ended(data), { once: true }));
  document.body.append(frame);
  return await said;
}"""
"""Runs one of these in a page that has no origin."""


@asynccontextmanager
async def hostile_site() -> AsyncIterator[int]:
    """Serve the page at every path; the port on loopback."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + PAGE.encode())
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        yield server.sockets[0].getsockname()[1]
