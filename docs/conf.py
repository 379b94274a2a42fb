"""Configuration of the documentation: `python -m sphinx -W -b html docs docs/_build/html`, without network."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS / "_extensions"), str(DOCS.parent / "src")]

import faradaic  # noqa: E402

project = "faradaic"
author = "The faradaic developers"
copyright = "The faradaic developers"
version = release = faradaic.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "room",
]
exclude_patterns = [
    "_build",
    "examples",
    "gallery/*.ipynb",
    "gallery/*.py",
    "coverage_table.md",
    "**/sg_execution_times.rst",
]
default_role = "code"
suppress_warnings = [
    "config.cache",  # the gallery's settings hold functions
    "ref.citation",  # a docstring may list a reference that its text does not call by number
    "ref.footnote",
]

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    # written into every estimator by scikit-learn, with links into its own documentation
    "exclude-members": "set_fit_request, set_predict_request, set_score_request",
}
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"faradaic {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_show_sourcelink = False

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "abort_on_example_error": True,
    "image_scrapers": ("matplotlib",),
    "reset_modules": ("matplotlib",),
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "download_all_examples": False,
    "write_computation_times": False,
    "within_subsection_order": "reading_order.ReadingOrder",
    "min_reported_time": 0,
}
