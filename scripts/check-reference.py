#!/usr/bin/env python3
"""Says what the reference of the public headers lacks: check-reference.py FOLDER, of doxygen's XML. Exit 1: something.

Doxygen itself says nothing of an enumerator, of a function whose header has no page of its own, or of a specialisation that
lacks its documentation. Each class has to tell, too, what fails (Errors), who may use it (Threads) and how long it lives
(Lifetime), or that it is "a value", as docs/reference.dox explains; the C interface does once, on the page of its header."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

WORDS = ("Errors", "Threads", "Lifetime")
C_HEADER = "fairlead.h"
C_TYPES = "fairlead_"
ROOT_OF_EXCEPTIONS = "fairlead::DatabaseError"


def text_of(node) -> str:
    """What is written about it, in brief and at length."""
    parts = [part for kind in ("briefdescription", "detaileddescription") for part in node.findall(kind)]
    return " ".join("".join(part.itertext()) for part in parts).strip()


def is_about_all(text: str) -> bool:
    return bool(re.search(r"\b[Aa] value\b", text)) or all(re.search(rf"\b{word}\b", text, re.I) for word in WORDS)


class Reference:
    def __init__(self, folder: Path):
        roots = [ElementTree.parse(file).getroot() for file in sorted(folder.glob("*.xml"))]
        self.compounds = [compound for root in roots for compound in root.findall("compounddef")]
        self.bases = {compound.findtext("compoundname"): [base.text for base in compound.findall("basecompoundref")]
                      for compound in self.compounds}

    def is_exception(self, name: str) -> bool:
        """Below the root, which speaks for all."""
        return any(base == ROOT_OF_EXCEPTIONS or self.is_exception(base) for base in self.bases.get(name, []))

    def lacks(self) -> list:
        found = []
        for compound in self.compounds:
            if compound.get("prot") == "private":
                continue
            name, kind = compound.findtext("compoundname"), compound.get("kind")
            if kind in ("class", "struct") and "@" not in name:
                found += self._of_class(name, compound)
            if kind == "file" and name == C_HEADER and not is_about_all(text_of(compound)):
                found.append(f"{name}: does not say all of {', '.join(WORDS)}")
            if kind in ("class", "struct", "namespace", "file"):
                found += [f"{place}: no documentation" for place in self._bare_members(name, compound)]
        return sorted(set(found))

    def _of_class(self, name: str, compound) -> list:
        text = text_of(compound)
        if not text:
            return [f"{name}: no documentation"]
        speaks_for_itself = "<" not in name and not name.startswith(C_TYPES) and not self.is_exception(name)
        return [f"{name}: does not say all of {', '.join(WORDS)}"] if speaks_for_itself and not is_about_all(text) else []

    @staticmethod
    def _bare_members(owner: str, compound):
        for member in compound.iterfind("sectiondef/memberdef"):
            name = member.findtext("name")
            # A destructor may go without; macros are doxygen's to look at, who knows which are undefined again; of an
            # anonymous union, public as it is, the members are its class's own.
            if member.get("prot") != "public" or member.get("kind") in ("friend", "define") or name[0] in "~@" or name[-1] == "_":
                continue
            if not text_of(member):
                yield f"{owner}::{name}"
            for value in member.findall("enumvalue"):
                if not text_of(value):
                    yield f"{owner}::{name}::{value.findtext('name')}"


def main() -> int:
    reference = Reference(Path(sys.argv[1]))
    classes = [compound for compound in reference.compounds if compound.get("kind") in ("class", "struct")]
    assert classes, f"{sys.argv[1]} holds no reference"
    lacks = reference.lacks()
    print("\n".join(lacks), file=sys.stderr) if lacks else None
    return 1 if lacks else 0


if __name__ == "__main__":
    sys.exit(main())
