"""What the catalogue knows of a public data set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """One file of a public data set.

    Attributes
    ----------
    path : str
        Where it lies below a local copy (the folder that ``FARADAIC_DATA`` names) and below the cache.
    address : str
        Where it is downloaded from; the revision is pinned. Empty for a table that was converted from the source's own
        files: `Entry.origin` says where these are.
    sha256 : str
        Its checksum.
    """

    path: str
    address: str
    sha256: str


@dataclass(frozen=True)
class Entry:
    """A public data set: what it is, whose it is, and how to cite it.

    Attributes
    ----------
    name, title : str
    doi : str
        Of the paper that describes it.
    licence : str
        Of the data.
    citation : str
        A BibTeX entry.
    files : tuple of File
    origin : str
        Where the source's own files are, with their revision, and what was made of them; empty where the files are
        the source's own.
    """

    name: str
    title: str
    doi: str
    licence: str
    citation: str
    files: tuple[File, ...]
    origin: str = ""
