"""The API, and the console in Chromium, on the local stack with 10,000 documents in a stage."""

from __future__ import annotations

import shutil
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from countersign.adapters.dynamodb import items
from countersign.local.people import LocalPeople, make_people, signed_in
from countersign.local.progress import interruptible
from countersign.model.document import Document
from countersign.model.signing_event import Signer
from tests.benchmarks.figures import Figure, write_figures
from tests.benchmarks.local_scene import Target, local_target
from tests.benchmarks.scene import one_mail
from tests.end_to_end.console.screens import give_password

COUNT = 10_000
STAGE = one_mail().stages[0].id
BATCH = 25
"""Items that DynamoDB takes at once."""
CONNECTIONS = 8
REQUESTS = 80
_WEB = urllib.request.build_opener(urllib.request.ProxyHandler({}))
RUNS = 5
"""Of each; a figure is the median of its runs."""
FRAMES = 240
STEP = 40
"""Pixels that are scrolled from one frame to the next."""
PATIENCE = 60_000
"""Milliseconds: the first call of each function starts a process."""

CARDS = """address => new Promise((done) => {
  const begun = performance.now();
  location.hash = address;
  const look = () => {
    if (document.querySelector(".card")) done(performance.now() - begun);
    else requestAnimationFrame(look);
  };
  look();
})"""
SCROLL = """([frames, step]) => new Promise((done) => {
  const found = [];
  let last = null;
  const next = (now) => {
    if (last !== null) found.push(now - last);
    last = now;
    if (found.length >= frames) return done(found);
    scrollBy(0, step);
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""
FILES = """() => performance.getEntriesByType("resource")
  .filter((one) => one.name.startsWith(location.origin) && !one.name.includes("/api/"))
  .map((one) => one.encodedBodySize)"""


def main(output: Path) -> int:
    """Measure; nothing where there is no browser."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("needs Chromium: on Debian, apt-get install chromium")
    with local_target("bench-console") as at:
        _fill(at)
        people = make_people(at.cloud, at.stack)
        write_figures(output, [*_rates(at, people), *_figures(people, chromium)])
    return 0


def _fill(at: Target) -> None:
    client, table = at.client("dynamodb"), at.stack.outputs["TableName"]
    documents = list(_documents())
    for begin in range(0, COUNT, BATCH):
        batch = documents[begin : begin + BATCH]
        puts = [{"PutRequest": {"Item": items.dump_document(one)}} for one in batch]
        while puts:
            answer = client.batch_write_item(RequestItems={table: puts})
            puts = answer.get("UnprocessedItems", {}).get(table, [])


def _documents() -> Iterator[Document]:
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(COUNT):
        since = now - timedelta(minutes=number)
        yield Document(
            id=f"document-{number}",
            pipeline=one_mail().pipeline,
            stage=STAGE,
            since=since,
            created_at=since,
            title=f"Framework agreement {number}",
            number=f"C-{number:06}",
            responsible="anna@acme.example",
            signers=(Signer(id="1", name="Klara Vogel", email="klara@kunde.example"),),
        )


def _rates(at: Target, people: LocalPeople) -> Iterator[Figure]:
    token = signed_in(people, people.people["operator"])["access_token"]
    first = f"/documents?pipeline={one_mail().pipeline}&stage={STAGE}&limit={BATCH}"
    for path, name in (
        ("/session", "GET /session"),
        ("/documents/document-0", "GET /documents/{id}"),
        (first, f"GET /documents, {BATCH} of {COUNT:,} in a stage"),
    ):
        url = f"{at.stack.api}{path}"
        asked(url, token)  # a process starts
        begun = time.monotonic()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            times = list(pool.map(lambda _, url=url: asked(url, token), range(REQUESTS)))
        rate = REQUESTS / (time.monotonic() - begun)
        detail = (
            f"answered after {median(times) * 1000:.0f} ms, median, over {CONNECTIONS} connections"
        )
        yield Figure(name=f"{name}: requests", value=rate, unit="/s", details=[detail])


def asked(url: str, token: str) -> float:
    """Seconds that a request took; HTTPError where it was refused."""
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {token}"})  # noqa: S310 - the local cloud's own address
    begun = time.monotonic()
    with _WEB.open(request, timeout=60) as answer:
        answer.read()
    return time.monotonic() - begun


def _figures(people: LocalPeople, chromium: str) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    board = f"#/board?pipeline={one_mail().pipeline}"
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(people.console + board)
        who = people.people["operator"]
        give_password(page, who.email, who.password)
        page.locator(".card").first.wait_for()
        files = page.evaluate(FILES)
        cards, longest, late = [], [], []
        for _ in range(RUNS):
            _show(page, "#/nowhere", "main.at-nowhere")
            cards.append(page.evaluate(CARDS, board))
            page.wait_for_load_state("networkidle")
            frames = page.evaluate(SCROLL, [FRAMES, STEP])
            longest.append(max(frames))
            late.append(sum(frame > 50 for frame in frames))
        shown = page.locator(".card").count()
        browser.close()
    return [
        Figure(name="first screen: files", value=len(files) + 1, target=8),
        Figure(name="... gzipped", value=sum(files) / 1000, unit="kB", target=80),
        Figure(
            name=f"first cards of {COUNT:,} documents in a stage",
            value=median(cards),
            unit="ms",
            target=1000,
            details=[", ".join(f"{one:.0f}" for one in cards)],
        ),
        Figure(
            name=f"longest of {FRAMES} frames while scrolling to {shown} cards",
            value=median(longest),
            unit="ms",
            target=50,
            details=[
                f"longest: {', '.join(f'{one:.0f}' for one in longest)}",
                f"over 50 ms: {', '.join(map(str, late))}",
            ],
        ),
    ]


def _show(page: Any, address: str, wanted: str) -> None:
    page.evaluate("address => { location.hash = address }", address)
    page.locator(wanted).wait_for()


if __name__ == "__main__":
    sys.exit(interruptible(lambda: main(Path(sys.argv[1]))))
