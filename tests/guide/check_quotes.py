#!/usr/bin/env python3
"""Checks that what documents quote is there.

A code block behind a line `<!-- PATH -->` must be found in the file PATH, line by line, as one piece; how far it is
indented as a whole doesn't matter, and a line `...` stands for what was left out. Paths begin at the root of the tree.

Usage: check_quotes.py ROOT DOCUMENT...
"""
import re
import sys
import textwrap
from pathlib import Path

QUOTE = re.compile(r"^<!-- (\S+) -->\n```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```cpp$", re.MULTILINE)


def pieces(text):
    """The parts of a quote between lines that leave something out."""
    found = [[]]
    for line in text.splitlines():
        if line.strip() == "...":
            found.append([])
        else:
            found[-1].append(line.rstrip())
    return [textwrap.dedent("\n".join(piece)).strip("\n").splitlines() for piece in found if any(piece)]


def position(piece, lines, begin):
    """Where `piece` ends in `lines`, from `begin` on; None if it isn't there."""
    for at in range(begin, len(lines) - len(piece) + 1):
        here = textwrap.dedent("\n".join(lines[at:at + len(piece)])).strip("\n").splitlines()
        if here == piece:
            return at + len(piece)
    return None


def faults(root, document):
    text = (root / document).read_text(encoding="utf-8")
    quotes = list(QUOTE.finditer(text))
    if len(quotes) != len(BLOCK.findall(text)):
        yield f"{document}: a block of C++ without `<!-- PATH -->` in the line before"
    for quote in quotes:
        line = text[:quote.start()].count("\n") + 1
        source = root / quote[1]
        if not source.is_file():
            yield f"{document}:{line}: there is no {quote[1]}"
            continue
        lines = [each.rstrip() for each in source.read_text(encoding="utf-8").splitlines()]
        begin = 0
        for piece in pieces(quote[2]):
            begin = position(piece, lines, begin)
            if begin is None:
                yield f"{document}:{line}: {quote[1]} has no such lines: {piece[0].strip()} …"
                break


def main():
    root = Path(sys.argv[1])
    found = [fault for document in sys.argv[2:] for fault in faults(root, document)]
    for fault in found:
        print(fault, file=sys.stderr)
    sys.exit(1 if found else 0)


main()
