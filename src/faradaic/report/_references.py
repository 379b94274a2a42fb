"""What to cite: the software, the data where their source is known, and the methods that were used."""

from __future__ import annotations

import re

import faradaic
from faradaic.data import CATALOGUE, EXAMPLES, Dataset, example
from faradaic.landscape import Exploration

_ENTRIES = {
    "breiman": """@book{Breiman1984,
  author = {Breiman, Leo and Friedman, Jerome H. and Olshen, Richard A. and Stone, Charles J.},
  title = {Classification and Regression Trees},
  publisher = {Wadsworth},
  year = {1984},
  note = {the one-standard-error rule, section 3.4.3},
}""",
    "varma": """@article{VarmaSimon2006,
  author = {Varma, Sudhir and Simon, Richard},
  title = {Bias in error estimation when using cross-validation for model selection},
  journal = {BMC Bioinformatics},
  year = {2006},
  volume = {7},
  pages = {91},
  doi = {10.1186/1471-2105-7-91},
}""",
    "roberts": """@article{Roberts2017,
  author = {Roberts, David R. and others},
  title = {Cross-validation strategies for data with temporal, spatial, hierarchical, or phylogenetic structure},
  journal = {Ecography},
  year = {2017},
  volume = {40},
  pages = {913--929},
  doi = {10.1111/ecog.02881},
}""",
    "belkin": """@article{Belkin2019,
  author = {Belkin, Mikhail and Hsu, Daniel and Ma, Siyuan and Mandal, Soumik},
  title = {Reconciling modern machine-learning practice and the classical bias--variance trade-off},
  journal = {Proceedings of the National Academy of Sciences},
  year = {2019},
  volume = {116},
  pages = {15849--15854},
  doi = {10.1073/pnas.1903070116},
}""",
    "draper": """@book{DraperSmith1998,
  author = {Draper, Norman R. and Smith, Harry},
  title = {Applied Regression Analysis},
  edition = {3},
  publisher = {Wiley},
  year = {1998},
  doi = {10.1002/9781118625590},
  note = {pure error from replicates},
}""",
    "GaussianProcess": """@book{RasmussenWilliams2006,
  author = {Rasmussen, Carl Edward and Williams, Christopher K. I.},
  title = {Gaussian Processes for Machine Learning},
  publisher = {MIT Press},
  year = {2006},
}""",
    "Network": """@article{Marquardt1963,
  author = {Marquardt, Donald W.},
  title = {An algorithm for least-squares estimation of nonlinear parameters},
  journal = {Journal of the Society for Industrial and Applied Mathematics},
  year = {1963},
  volume = {11},
  pages = {431--441},
  doi = {10.1137/0111030},
}""",
    "RandomFeatures": """@inproceedings{RahimiRecht2007,
  author = {Rahimi, Ali and Recht, Benjamin},
  title = {Random features for large-scale kernel machines},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2007},
  volume = {20},
}""",
    "Spline": """@book{deBoor1978,
  author = {de Boor, Carl},
  title = {A Practical Guide to Splines},
  publisher = {Springer},
  year = {1978},
  doi = {10.1007/978-1-4612-6333-3},
}""",
}

_ECKER = """@article{Ecker2015,
  author = {Ecker, Madeleine and Tran, Thi Kim Dung and Dechent, Philipp and K{\\"a}bitz, Stefan and
            Warnecke, Alexander and Sauer, Dirk Uwe},
  title = {Parameterization of a physico-chemical model of a lithium-ion battery: {I}. {D}etermination of parameters},
  journal = {Journal of the Electrochemical Society},
  year = {2015},
  volume = {162},
  pages = {A1836--A1848},
  doi = {10.1149/2.0551509jes},
}"""

_SULZER = """@article{Sulzer2021,
  author = {Sulzer, Valentin and Marquis, Scott G. and Timms, Robert and Robinson, Martin and Chapman, S. Jon},
  title = {Python Battery Mathematical Modelling ({PyBaMM})},
  journal = {Journal of Open Research Software},
  year = {2021},
  volume = {9},
  pages = {14},
  doi = {10.5334/jors.309},
}"""
_OF_EXAMPLES = {"experiment": [_ECKER], "deterministic": [_SULZER]}


def references(*explorations: Exploration) -> list[str]:
    """Return BibTeX entries for the software, the data where known, and the methods of these explorations.

    Examples
    --------
    >>> references()[0].splitlines()[0]
    '@software{faradaic,'
    """
    entries = [_software()]
    for one in explorations:
        entries += _of_data(one.data)
    for one in explorations:
        entries += _of_methods(one)
    return list(dict.fromkeys(entries))


def _software() -> str:
    return f"""@software{{faradaic,
  author = {{{{The faradaic developers}}}},
  title = {{faradaic: from a table of electrochemical observations to the approximation that the data support}},
  version = {{{faradaic.__version__}}},
}}"""


def _of_data(data: Dataset) -> list[str]:
    """Recognise public data: a bundled example by its fingerprint, an entry of the catalogue by its name."""
    found = []
    for source in data.sources:
        if source.name in EXAMPLES and example(source.name).fingerprint == data.fingerprint:
            found += _OF_EXAMPLES.get(source.name, [])
            continue
        for entry in CATALOGUE.values():
            if _plain(source.name).startswith(_plain(entry.name)):
                found.append(entry.citation)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _of_methods(one: Exploration) -> list[str]:
    keys = []
    if one.floor.source.startswith("replicates"):
        keys.append("draper")
    if one.data.groups is not None:
        keys.append("roberts")
    if "standard error" in one.selection.reason:
        keys.append("breiman")
    if one.outer is not None:
        keys.append("varma")
    if one.best.regimes.threshold is not None:
        keys.append("belkin")
    keys.append(type(one.best.design.approximation).__name__)
    return [_ENTRIES[key] for key in keys if key in _ENTRIES]


def law_source(one: Exploration) -> str:
    """Return the source of the chosen law as it is stated there; empty if the choice is no law."""
    design = one.selection.design
    laws = getattr(design.approximation, "laws", None)
    return str(laws[design.size].source) if laws else ""
