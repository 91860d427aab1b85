"""HTML in a real browser: it says what it should, loads nothing, and hostile log text stays text."""

from __future__ import annotations

import base64
import json
import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import k3slogs
from tests.conftest import SEED, klog
from tests.hostile import MARKUP, hostile_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs import RuleBook

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.chrome.service import Service  # noqa: E402 - behind the look for selenium
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed")

SAMPLES = Path(__file__).parents[1] / "samples"
DESK, PHONE = (1280, 900), (390, 844)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip


class Browser:
    """A headless Chromium that opens one page at a time."""

    def __init__(self, profile: Path, shots: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver: Any = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
        self._shots = shots

    def open(self, page: Path, size: tuple[int, int] = DESK, *, script: bool = True, media: str = "", dark: bool = False) -> None:
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.tell("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=size == PHONE)
        self.tell("Emulation.setEmulatedMedia", media=media, features=features)
        self.tell("Emulation.setScriptExecutionDisabled", value=not script)
        self.driver.get("about:blank")
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.driver.get(page.as_uri())

    def tell(self, command: str, **arguments: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, arguments)

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def one(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def seen(self, selector: str) -> list[Any]:
        return [element for element in self.all(selector) if element.is_displayed()]

    def press(self, *keys: str) -> None:
        self.driver.switch_to.active_element.send_keys(*keys)

    def shoot(self, name: str) -> None:
        width, height = self.run("return [innerWidth, Math.min(document.documentElement.scrollHeight, 8000)]")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.tell("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        (self._shots / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def requests(self) -> list[str]:
        """What was asked for since the page was opened, beside the page itself."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        urls = [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if url.partition("#")[0] != self.driver.current_url.partition("#")[0] and not url.startswith("data:")]

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Browser]:
    shots = tmp_path_factory.mktemp("screenshots")
    browser = Browser(tmp_path_factory.mktemp("profile"), shots)
    yield browser
    browser.driver.quit()
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\nscreenshots: {shots}")  # noqa: T201 - for the person who wants to look


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, book: RuleBook) -> Path:
    return _page(tmp_path_factory, k3slogs.analyze(SAMPLES / "seed-gvisor-docker", rules=book))


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory, book: RuleBook) -> Path:
    return _page(tmp_path_factory, k3slogs.analyze(SAMPLES / "restart-loop-gvisor", rules=book))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, book: RuleBook) -> Path:
    return _page(tmp_path_factory, k3slogs.analyze(hostile_logs(tmp_path_factory.mktemp("hostile")), rules=book))


def _page(tmp_path_factory: pytest.TempPathFactory, analysis: k3slogs.Analysis) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(analysis.render("html"), "utf-8")
    return path


@pytest.fixture(autouse=True)
def quiet(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test does with a page: nothing is asked for and nothing complains."""
    yield
    if "browser" in request.fixturenames:
        browser: Browser = request.getfixturevalue("browser")
        assert browser.requests() == []
        assert browser.complaints() == []


# --- what a reader sees and does ----------------------------------------------------------------------------------


def test_the_verdict_stands_on_the_first_screen(browser: Browser, real: Path) -> None:
    browser.open(real)
    first_screen = " ".join(
        element.text for element in browser.seen("h1, .outcome, .verdict dt, .verdict dd, .verdict .hit") if element.rect["y"] < DESK[1]
    )
    for expected in ("Failed", "kubelet", "cadvisor-update-stats-failed", "Confidence", "279", "usage_percpu"):
        assert expected in first_screen
    browser.shoot("report")


@pytest.mark.parametrize("look", ["desk", "dark", "phone"])
def test_nothing_is_wider_than_the_screen(browser: Browser, real: Path, loop: Path, hostile: Path, look: str) -> None:
    for page, name in ((real, "report"), (loop, "loop"), (hostile, "hostile")):
        browser.open(page, PHONE if look == "phone" else DESK, dark=look == "dark")
        browser.shoot(f"{name}-{look}")
        assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0


def test_findings_are_filtered_by_choice_and_by_text(browser: Browser, real: Path) -> None:
    browser.open(real)
    everything = len(browser.seen("#found .finding"))
    Select(browser.one("#filter [name=effect]")).select_by_visible_text("fatal")
    fatal = browser.seen("#found .finding")
    assert 0 < len(fatal) < everything
    assert {finding.get_attribute("data-effect") for finding in fatal} == {"fatal"}
    assert browser.one("#shown").text.startswith(f"{len(fatal)} of ")
    browser.one("#filter [type=reset]").click()
    assert len(browser.seen("#found .finding")) == everything
    browser.one("#filter [name=text]").send_keys("csinode no-such-word")
    assert browser.seen("#found .finding") == []
    assert browser.one("#none").is_displayed()
    browser.one("#filter [name=text]").send_keys(Keys.BACKSPACE * len("no-such-word"))
    assert ["CSINode" in finding.text for finding in browser.seen("#found .finding")] == [True]


def test_a_finding_unfolds_to_its_lines_with_their_numbers_and_neighbours(browser: Browser, real: Path) -> None:
    browser.open(real)
    finding = browser.one("#found .finding")
    assert not finding.find_element(By.CSS_SELECTOR, ".hit").is_displayed()
    finding.find_element(By.CSS_SELECTOR, "summary").click()
    assert "unable to find data in memory cache" in finding.find_element(By.CSS_SELECTOR, ".hit").text
    assert finding.find_element(By.CSS_SELECTOR, ".hit .no").text == "330"
    numbers = [int(line.text) for line in finding.find_elements(By.CSS_SELECTOR, ".quote:first-of-type .no")]
    assert numbers == sorted(numbers)
    assert len(numbers) > 1
    browser.shoot("unfolded")


def test_the_keyboard_does_all(browser: Browser, real: Path) -> None:
    browser.open(real)
    browser.press(Keys.TAB)
    assert browser.driver.switch_to.active_element.text == "Skip to the report"
    browser.run("document.querySelector('#found summary').focus()")
    browser.press(Keys.ENTER)
    assert browser.one("#found .finding").get_attribute("open") is not None
    ticks = [tick.text for tick in browser.all("text.tick")]
    browser.run("document.getElementById('drawing').focus()")
    browser.press("+", "+", Keys.ARROW_RIGHT)
    assert [tick.text for tick in browser.all("text.tick")] != ticks
    browser.press("0")
    assert [tick.text for tick in browser.all("text.tick")] == ticks


def test_zoom_takes_apart_what_stood_together(browser: Browser, loop: Path) -> None:
    browser.open(loop)
    rows = browser.run("return document.querySelectorAll('#rows tr[data-from]').length")
    whole = len(browser.all("#marks .mark"))
    assert whole < rows
    browser.one("[data-zoom=in]").click()
    browser.one("[data-zoom=in]").click()
    times = browser.run("return [...document.querySelectorAll('#marks .mark')].map(mark => parseFloat(mark.getAttribute('x')))")
    assert all(0 <= x <= 100 for x in times)
    browser.shoot("zoomed")
    browser.one("[data-zoom=all]").click()
    assert len(browser.all("#marks .mark")) == whole


def test_marks_never_cover_each_other(browser: Browser, real: Path, loop: Path) -> None:
    for page in (real, loop):
        for size in (DESK, PHONE):
            browser.open(page, size)
            boxes = browser.run(
                "return [...document.querySelectorAll('#marks .mark > :is(rect, use)')]"
                ".map(shape => [Number(shape.parentNode.getAttribute('y')), shape.getBoundingClientRect()])"
                ".map(([lane, box]) => [lane, box.left, box.right])"
            )
            assert boxes
            near = [(one, other) for one, other in pairwise(sorted(boxes)) if one[0] == other[0]]
            assert [(one, other) for one, other in near if one[2] > other[1] + 1] == []


def test_a_mark_tells_its_rows_and_leads_to_them(browser: Browser, real: Path) -> None:
    browser.open(real)
    mark = browser.all("#marks .mark.fatal")[-1]
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    webdriver.ActionChains(browser.driver).move_to_element(mark.find_element(By.CSS_SELECTOR, "use, rect")).perform()
    assert "ContainerManager" in browser.one("#hint").text
    mark.find_element(By.CSS_SELECTOR, "use, rect").click()
    assert any("ContainerManager" in row.text for row in browser.seen("#rows .found"))
    browser.shoot("found")
    browser.one("#rows .found a").click()
    assert browser.seen("#found .finding[open] .hit")


def test_light_and_dark_are_a_choice(browser: Browser, real: Path) -> None:
    def ground() -> str:
        return str(browser.run("return getComputedStyle(document.body).backgroundColor"))

    browser.open(real)
    light = ground()
    browser.one("#theme").click()
    dark = ground()
    assert dark != light
    browser.open(real)
    assert ground() == dark  # remembered
    browser.one("#theme").click()
    assert ground() == light
    browser.run("localStorage.clear()")


def test_a_remedy_is_copied(browser: Browser, real: Path) -> None:
    browser.open(real)
    browser.tell("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    browser.one(".copy").click()
    browser.driver.implicitly_wait(2)
    assert browser.one("#said").text or browser.run("return document.getElementById('said').textContent") in {"", "Copied"}
    copied = browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], arguments[0])")
    assert copied == browser.one(".command code").text


def test_without_scripts_all_can_be_read(browser: Browser, real: Path) -> None:
    browser.open(real, script=False)
    try:
        assert browser.seen("#marks .mark.fatal")
        assert browser.seen("text.tick")
        assert browser.seen(".scripted") == []
        finding = browser.one("#found .finding")
        finding.find_element(By.CSS_SELECTOR, "summary").click()
        assert finding.find_element(By.CSS_SELECTOR, ".hit").is_displayed()
        browser.shoot("without-script")
    finally:
        browser.tell("Emulation.setScriptExecutionDisabled", value=False)


def test_on_paper_the_findings_are_unfolded(browser: Browser, real: Path) -> None:
    browser.open(real, media="print")
    assert browser.run("return [...document.querySelectorAll('#found .quote')].every(quote => quote.checkVisibility())")
    assert browser.seen(".top nav, .scripted") == []
    assert base64.b64decode(browser.tell("Page.printToPDF", printBackground=True)["data"]).startswith(b"%PDF")
    browser.shoot("print")


# --- the comparison -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory, book: RuleBook) -> Path:
    runs = sorted(path for path in (SAMPLES / "experiments").iterdir() if path.is_dir())
    path = tmp_path_factory.mktemp("comparison") / "comparison.html"
    path.write_text(k3slogs.compare(runs, rules=book).render("html"), "utf-8")
    return path


@pytest.mark.parametrize("look", ["desk", "dark", "phone"])
def test_a_comparison_shows_at_a_glance_who_got_furthest(browser: Browser, compared: Path, look: str) -> None:
    browser.open(compared, PHONE if look == "phone" else DESK, dark=look == "dark")
    browser.shoot(f"comparison-{look}")
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0
    rows = browser.seen(".ladders tbody tr")
    reached = [len(row.find_elements(By.CSS_SELECTOR, "td.reached")) for row in rows]
    leads = ["leader" in row.get_attribute("class") for row in rows]
    assert len(rows) == 3
    assert min(steps for steps, lead in zip(reached, leads, strict=True) if lead) > max(
        steps for steps, lead in zip(reached, leads, strict=True) if not lead
    )
    heads = [head.get_attribute("textContent") for head in browser.all(".cells thead th")]
    assert heads[:5] == ["Experiment", "Runtime", "Kubelet start", "Pod execution", "Result"]


def test_the_runs_of_a_comparison_unfold(browser: Browser, compared: Path) -> None:
    browser.open(compared)
    run = browser.one("#runs details")
    run.find_element(By.CSS_SELECTOR, "summary").click()
    assert run.find_element(By.CSS_SELECTOR, "code.flag").is_displayed()


# --- hostile text -------------------------------------------------------------------------------------------------


def test_hostile_text_stays_text(browser: Browser, hostile: Path) -> None:
    browser.open(hostile)
    assert browser.run("return window.owned") is None
    assert browser.run("return document.title").startswith("Failed")
    assert len(browser.all("script")) == 1
    assert (
        browser.all("img, iframe, object, embed, link[rel=stylesheet], base, meta[http-equiv=refresh], [onerror], [onload], [onclick]")
        == []
    )
    assert {link.get_attribute("href").partition("#")[0] for link in browser.all("a")} == {hostile.as_uri()}
    sections = [section.get_attribute("aria-labelledby") for section in browser.all("main > section")]
    assert sections == ["verdict", *(f"{name}-title" for name in ("stages", "timeline", "findings", "unknown", "inputs"))]
    text = browser.run("return document.body.textContent")
    for piece in MARKUP:
        assert re.sub(r"\s+", " ", piece) in re.sub(r"\s+", " ", text)


def test_hostile_text_stays_text_when_it_is_used(browser: Browser, hostile: Path) -> None:
    browser.open(hostile)
    browser.one("#unfold").click()
    browser.one("#filter [name=text]").send_keys("<script>")
    assert browser.seen("#found .finding")
    for mark in browser.all("#marks .mark"):
        browser.driver.execute_script(
            "arguments[0].dispatchEvent(new PointerEvent('pointermove', {bubbles: true})); "
            "arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))",
            mark,
        )
    assert browser.run("return window.owned") is None
    assert browser.all("#hint script, #hint img") == []


def test_the_policy_lets_no_other_script_run(browser: Browser, tmp_path: Path, book: RuleBook) -> None:
    """Even if a text got through as markup, it would not run."""
    log = tmp_path / "k3s.log"
    log.write_text(SEED + klog("a line that no rule knows") + "\n")
    page = tmp_path / "broken.html"
    report = k3slogs.analyze(log, rules=book).render("html")
    page.write_text(report.replace("</main>", "<script>window.owned = 1</script><img src=x onerror='window.owned = 1'></main>"))
    browser.open(page)
    assert browser.run("return window.owned") is None
    refused = browser.complaints()
    assert len(refused) >= 2
    assert all("Content Security Policy" in complaint for complaint in refused)
    assert {url.rpartition("/")[2] for url in browser.requests()} <= {"x"}  # noted, and refused before it was sent
