"""The page for people, as the gateway serves it; what it shows is tested in a browser."""

import gzip
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from services.gateway.answers.built_page import BuiltPage
from services.gateway.app import gateway_app
from services.gateway.edge.stack import behind_edge
from services.gateway.routes.pages import ADDRESSES
from tests.unit.gateway.conftest import Gateway

SHELL = '<!doctype html><html data-root="{{root}}"><script src="{{root}}/assets/main-1a.js"></script></html>'
SCRIPT = b"console.log('hello');" * 9
OPENED = [address.format(batch_id="3f0f", index=4, name="web") for address in ADDRESSES]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A page, small."""
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_text(SHELL)
    (tmp_path / "manifest.json").write_text('{"version": "1a2b"}')
    (assets / "main-1a.js").write_bytes(SCRIPT)
    (assets / "main-1a.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "icon-2b.svg").write_text("<svg/>")
    (assets / "notes").write_text("of no type that the page has")
    return tmp_path


def client_of(gateway: Gateway, folder: Path, **settings: str) -> httpx.AsyncClient:
    """A client of a gateway whose page is in that folder."""
    edge_settings = gateway.parts.settings.model_copy(update=settings)
    parts = replace(gateway.parts, page=BuiltPage(folder))
    edge = behind_edge(gateway_app(parts), edge_settings, "127.0.0.1")
    transport = httpx.ASGITransport(edge, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def test_every_address_of_the_page_answers_the_same_shell(gateway: Gateway, built: Path) -> None:
    """Under a policy that lets nothing in but its own files; others stay errors of the API."""
    async with client_of(gateway, built) as client:
        answers = [await client.get(address) for address in OPENED]
        assert {answer.text for answer in answers} == {SHELL.replace("{{root}}", "")}
        for answer in answers:
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert "require-trusted-types-for 'script'" in answer.headers["content-security-policy"]
            assert answer.headers["cache-control"] == "no-cache"
        assert (await client.get("/batches/3f0f/nothing")).json()["error"]["code"] == "not_found"
        assert (await client.post("/system")).status_code == 405


async def test_a_shell_that_the_browser_has_is_not_sent_again(gateway: Gateway, built: Path) -> None:
    """Until another is built."""
    async with client_of(gateway, built) as client:
        first = await client.get("/")
        again = {"if-none-match": first.headers["etag"]}
        unchanged = await client.get("/", headers=again)
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        (built / "index.html").write_text("<!doctype html>another")
        assert (await client.get("/", headers=again)).text == "<!doctype html>another"


async def test_behind_a_proxy_the_shell_names_its_files_with_the_prefix(gateway: Gateway, built: Path) -> None:
    """Which is the server's own setting here, and is escaped."""
    async with client_of(gateway, built, root_path='/photos"<b>') as client:
        shell = (await client.get("/")).text
    assert 'src="/photos&quot;&lt;b&gt;/assets/main-1a.js"' in shell


async def test_files_of_the_page_are_kept_for_ever_and_come_compressed(gateway: Gateway, built: Path) -> None:
    """Where the client takes gzip."""
    async with client_of(gateway, built) as client:
        taken = ("gzip, br", "GZIP", "br;q=0,gzip", "br, gzip ; q=0.5", "gzip;q=0.01")
        for encoding in (*taken, "identity", "gzip;q=0", "gzip; q=0.000, br", "br,gzip;Q=0", "my-gzip", ""):
            answer = await client.get("/assets/main-1a.js", headers={"accept-encoding": encoding})
            assert answer.content == SCRIPT
            assert ("content-encoding" in answer.headers) is (encoding in taken), encoding
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["content-type"].startswith("text/javascript")
        assert (await client.get("/assets/icon-2b.svg")).headers["content-type"] == "image/svg+xml"
        assert (await client.head("/assets/icon-2b.svg")).status_code == 200


@pytest.mark.parametrize("name", ["missing.js", "..%2Findex.html", "%2e%2e", "main-1a.js.gz", "notes", "a%00.js", ""])
async def test_nothing_else_is_served(gateway: Gateway, built: Path, name: str) -> None:
    """Neither other files nor other folders."""
    async with client_of(gateway, built) as client:
        answer = await client.get(f"/assets/{name}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_without_a_page_a_person_reads_how_to_make_it(gateway: Gateway, tmp_path: Path) -> None:
    """In both languages, with a link to the API's documentation; and it has no version."""
    async with client_of(gateway, tmp_path / "none", root_path="/photos") as client:
        answer = await client.get("/")
        assert (await client.get("/assets/main.js")).status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.count("<code>make page</code>") == 2
    assert answer.text.count('href="/photos/docs"') == 2
    assert answer.headers["cache-control"] == "no-store"
    assert BuiltPage(tmp_path / "none").version is None


def test_the_page_has_the_version_of_what_was_built(built: Path) -> None:
    """A browser that runs another one is told so."""
    page, manifest = BuiltPage(built), built / "manifest.json"

    def seen_after(text: str) -> str | None:
        manifest.write_text(text)
        return page.version

    assert page.version == "1a2b"
    assert seen_after('{"version": "') is None, "it is being written"
    assert seen_after('{"version": "3c4d5e"}') == "3c4d5e"
    manifest.unlink()
    assert BuiltPage(built).version is None
