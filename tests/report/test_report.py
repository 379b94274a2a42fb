"""The report: self-contained, verdict first, everything escaped, written whole or not at all."""

from __future__ import annotations

import base64
import os
import re
import stat
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import faradaic as fd
from faradaic._core import ArgumentError
from faradaic.approximations import Design, Log, Polynomial, RandomFeatures
from faradaic.landscape import verdict
from faradaic.report import (
    Finding,
    check_writable,
    design_labels,
    pictures,
    references,
    render,
    write_report,
    write_text,
)
from faradaic.report._figures import left_out

NASTY = "<b>x</b> $a_1$"
VOID = {"meta", "img", "link", "br", "hr", "input"}


def table(n: int = 12, *, repeats: int = 1, scale: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x = np.repeat(np.linspace(0.1, 1.0, n), repeats)
    z = np.repeat(rng.uniform(0.5, 2.0, n), repeats)
    y = scale * (1 + 2 * x + 0.3 * z) + 0.05 * scale * rng.normal(size=len(x))
    return pd.DataFrame({NASTY: x, "z [mol/L]": z, "U [mV]": y, "cell": np.arange(len(x)) // 2})


def finding(frame: pd.DataFrame, *, designs=None, outer: int | None = 3, **reading) -> Finding:
    data = fd.read(frame, x=[NASTY, "z [mol/L]"], y="U [mV]", name="<i>my file</i>", **reading)
    found = fd.explore(data, designs or [Polynomial(), Design(Polynomial(), y=Log())], splits=3, outer=outer)
    return Finding(found, fd.fit(found, data), seconds=1.5)


@pytest.fixture(scope="module")
def one() -> Finding:
    return finding(table(repeats=2), groups="cell")


@pytest.fixture(scope="module")
def page(one) -> str:
    return render(one, command='faradaic explore "a & b.csv"')


class Reader(HTMLParser):
    """Collects tags with attributes, the text before the first picture, and whether tags are balanced."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text: list[str] = []
        self.text_before_picture = ""
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "img" and not self.text_before_picture:
            self.text_before_picture = " ".join(self.text)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"style", "title"}:
            self.text.append(data)


class TestPage:
    def test_it_needs_nothing_but_itself(self, page):
        for tag, attributes in Reader(page).tags:
            assert tag not in {"script", "link", "iframe", "object"}
            for name in ("src", "href", "srcset", "data", "poster"):
                assert str(attributes.get(name, "#")).startswith(("#", "data:")), (tag, attributes)
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
        assert "url(" not in style
        assert "@import" not in style

    def test_tags_are_balanced(self, page):
        reader = Reader(page)
        assert not reader.unbalanced
        assert not reader.open

    def test_the_verdict_stands_before_the_first_picture(self, page, one):
        before = Reader(page).text_before_picture
        assert one.headline in before
        for line in verdict(one.exploration):
            if line not in one.exploration.story:
                assert line in before

    def test_every_line_of_the_verdict_is_there(self, page, one):
        text = " ".join(Reader(page).text)
        assert all(line in text for line in [*verdict(one.exploration), *one.trend_words])

    def test_names_are_escaped(self, page):
        assert "<b>" not in page
        assert "<i>" not in page
        assert "&lt;b&gt;x&lt;/b&gt;" in page
        assert "a &amp; b.csv" in page

    def test_it_says_how_to_repeat(self, page, one):
        text = " ".join(Reader(page).text)
        assert 'faradaic explore "a & b.csv"' in text
        assert one.exploration.data.fingerprint in text
        assert fd.__version__ in text
        assert np.__version__ in text
        assert re.search(r"seed\s+0", text)
        assert "1.5 s" in text

    def test_every_picture_says_what_is_to_be_seen(self, page, one):
        images = [attributes for tag, attributes in Reader(page).tags if tag == "img"]
        assert len(images) == len(one.pictures) == 5
        assert all(len(image["alt"]) > 40 for image in images)

    def test_pictures_are_svg(self, page):
        images = [attributes["src"] for tag, attributes in Reader(page).tags if tag == "img"]
        for source in images:
            svg = base64.b64decode(source.removeprefix("data:image/svg+xml;base64,"))
            assert b"<svg" in svg[:1000]

    def test_the_tables_hold_every_design_and_every_size(self, one):
        designs, sizes, choices = one.tables
        assert len(designs.rows) == 2
        assert len(sizes.rows) == len(one.exploration.best.sizes)
        assert len(choices.rows) == 3
        assert sizes.rows[sizes.marked][2] == str(one.exploration.selection.parameters)
        assert all(len(row) == len(t.head) for t in one.tables for row in t.rows)

    def test_several_findings_make_one_page(self, one):
        page = render([one, one], title="Two")
        reader = Reader(page)
        links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
        places = [attributes["id"] for tag, attributes in reader.tags if "id" in attributes]
        assert [f"#{place}" for place in places] == links
        assert page.count("<h1>Two</h1>") == 1

    def test_none_is_refused(self):
        with pytest.raises(ArgumentError, match="at least one finding"):
            render([])

    def test_the_same_result_gives_the_same_pictures(self, one):
        again = pictures(one.exploration, one.trend)
        assert [p.svg for p in again] == [p.svg for p in one.pictures]

    def test_no_figure_is_left_open_and_no_style_changed(self, one):
        before, open_before = dict(plt.rcParams), plt.get_fignums()
        pictures(one.exploration, one.trend)
        assert plt.get_fignums() == open_before
        assert dict(plt.rcParams) == before


class TestWords:
    def test_large_error(self):
        frame = table(repeats=2)
        frame["U [mV]"] += 3 * np.sin(20 * frame[NASTY])
        large = finding(frame, sigma=0.01, outer=None)
        assert large.exploration.large
        assert large.state == "large"
        assert "large against the noise" in large.headline
        assert 'class="headline large"' in render(large)

    def test_unknown_floor(self):
        one = finding(table(), outer=None)
        assert one.state == "open"
        assert "not known" in one.headline

    def test_deterministic_interpolant(self):
        exact = finding(table(6), reliability="deterministic", designs=[RandomFeatures()], outer=None)
        assert exact.exploration.selection.interpolates
        assert "within the tolerance" in exact.headline

    def test_what_failed_is_told(self):
        data = fd.read(table(), x=[NASTY, "z [mol/L]"], y="U [mV]")
        found = fd.explore(data, [Polynomial()], splits=3, outer=None)
        one = Finding(found, fd.fit(found, data))
        assert "No fit failed." in render(one)
        found.failures["design <x>"] = "the reason"
        assert "design &lt;x&gt;: the reason" in render(one)
        assert not any("the reason" in line for line in one.verdict)

    def test_designs_of_equal_words_are_told_apart(self):
        one = finding(
            table(), designs=[RandomFeatures(activation="tanh"), RandomFeatures(activation="relu")], outer=None
        )
        assert len(set(design_labels(one.exploration.landscapes))) == 2


class TestLeftOut:
    @pytest.mark.parametrize("measure", ["absolute", "relative", "standardised"])
    def test_predictions_come_back_from_every_measure(self, measure):
        data = fd.read(table(), x=[NASTY, "z [mol/L]"], y="U [mV]", sigma=0.05)
        found = fd.explore(data, [Polynomial(degree=1)], splits=3, outer=3, measure=measure)
        observed, predicted, kind = left_out(found)
        assert "outer" in kind
        error = {
            "absolute": predicted - observed,
            "relative": np.log(predicted / observed),
            "standardised": (predicted - observed) / 0.05,
        }[measure]
        assert np.sqrt((error**2).mean()) == pytest.approx(found.outer.rmse, rel=1e-9)

    def test_without_outer_splits_the_inner_ones_serve(self):
        one = finding(table(), outer=None)
        observed, predicted, kind = left_out(one.exploration)
        assert "used to choose" in kind
        rmse = np.sqrt(((predicted - observed) ** 2).mean())
        assert rmse == pytest.approx(one.exploration.selection.test_error, rel=1e-9)


class TestReferences:
    def test_software_and_methods(self, one):
        entries = references(one.exploration)
        assert entries[0].startswith("@software{faradaic")
        keys = {re.match(r"@\w+\{(\w+),", entry)[1] for entry in entries}
        assert {"VarmaSimon2006", "Roberts2017"} <= keys
        assert all(entry.count("{") == entry.count("}") for entry in entries)

    def test_a_bundled_example_is_known_by_its_numbers(self):
        data = fd.data.example("experiment")
        found = fd.explore(data, [Design(Polynomial(), y=Log())], splits=3, outer=None)
        assert any("10.1149/2.0551509jes" in entry for entry in references(found))

    def test_a_file_of_the_same_name_is_not_mistaken_for_it(self):
        data = fd.read(table(), x=[NASTY, "z [mol/L]"], y="U [mV]", name="experiment")
        found = fd.explore(data, [Polynomial()], splits=3, outer=None)
        assert not any("Ecker" in entry for entry in references(found))

    def test_a_set_of_the_catalogue_is_known_by_its_name(self):
        data = fd.read(table(), x=[NASTY, "z [mol/L]"], y="U [mV]", name="Flores 2022")
        found = fd.explore(data, [Polynomial()], splits=3, outer=None)
        assert any("10.1039/D2DD00027J" in entry for entry in references(found))


class TestWriting:
    def test_the_file_appears_whole(self, one, tmp_path):
        path = write_report(tmp_path / "report.html", one)
        assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
        assert [p.name for p in tmp_path.iterdir()] == ["report.html"]

    def test_an_old_file_is_replaced_and_keeps_its_mode(self, tmp_path):
        path = tmp_path / "old.txt"
        path.write_text("old")
        path.chmod(0o640)
        write_text(path, "new µ")
        assert path.read_text(encoding="utf-8") == "new µ"
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def test_a_new_file_has_the_usual_mode(self, tmp_path):
        (tmp_path / "usual").write_text("")
        write_text(tmp_path / "new", "")
        assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode

    def test_a_good_path_is_left_untouched(self, tmp_path):
        assert check_writable(tmp_path / "r.html") == tmp_path / "r.html"
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("path", "message"),
        [("", "it is a folder"), ("no/r.html", "there is no folder"), ("file/r.html", "there is no folder")],
    )
    def test_a_bad_path_is_named(self, tmp_path, path, message):
        (tmp_path / "file").write_text("")
        with pytest.raises(ArgumentError, match=message) as caught:
            check_writable(tmp_path / path)
        assert str(tmp_path) in str(caught.value)

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
    def test_a_protected_file_or_folder(self, tmp_path):
        protected = tmp_path / "r.html"
        protected.write_text("")
        protected.chmod(0o400)
        with pytest.raises(ArgumentError, match="write-protected"):
            check_writable(protected)
        tmp_path.chmod(0o500)
        try:
            with pytest.raises(ArgumentError, match="permission denied"):
                check_writable(tmp_path / "other.html")
        finally:
            tmp_path.chmod(0o700)

    def test_a_name_that_is_too_long(self, tmp_path):
        with pytest.raises(ArgumentError, match="Cannot write"):
            check_writable(tmp_path / ("x" * 300))
        assert list(tmp_path.iterdir()) == []
