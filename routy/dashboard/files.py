"""The files under static/, all read at the start: a request finds one of them in a table or finds nothing, so
that no path leads anywhere else. Every sheet of css/ that stands in a layer goes out in one, css/all.css.

Their addresses carry a version made of all their contents, and may be kept for ever; the imports of a module are
relative and so stay within its version. Without a version, or with an old one, a file is asked for again each time.
"""

import gzip
import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
}
COMPRESSED = ("text/", "image/svg+xml")
ALL_SHEETS = "css/all.css"
VERSION = re.compile(r"[0-9a-f]{12}")
IMPORT = re.compile(rb"""^(?:import|export)\s[^;]*?["'](\.[^"']+)["'];""", re.MULTILINE)


@dataclass(frozen=True)
class File:
    body: bytes
    content_type: str

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def gzipped(self) -> bytes | None:
        """The body for who takes gzip; None where that gains nothing."""
        if not self.content_type.startswith(COMPRESSED) or len(self.body) < 512:
            return None
        return gzip.compress(self.body, 6, mtime=0)


@dataclass(frozen=True)
class Files:
    """All files by their path under static/, such as `css/base.css`."""

    table: dict[str, File]

    @cached_property
    def version(self) -> str:
        told = "".join(f"{path} {file.digest}\n" for path, file in sorted(self.table.items()))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def url(self, path: str) -> str:
        """The address of a file; KeyError where there is none, so that no page names one in vain."""
        _ = self.table[path]
        return f"/static/{self.version}/{path}"

    def find(self, path: str) -> tuple[File | None, bool]:
        """The file at an address below /static/, and whether the address is one for ever."""
        if path in self.table:
            return self.table[path], False
        version, _, rest = path.partition("/")
        if not VERSION.fullmatch(version):
            return None, False
        return self.table.get(rest), version == self.version

    def modules(self, path: str) -> list[str]:
        """Every module that a module imports, directly or not, without itself."""
        found: list[str] = [path]
        for module in found:
            folder = posixpath.dirname(module)
            for name in IMPORT.findall(self.table[module].body):
                imported = posixpath.normpath(posixpath.join(folder, name.decode()))
                if imported not in found:
                    found.append(imported)
        return found[1:]


def read_files(root: Path) -> Files:
    """Every file of a known type under a folder, and the sheets as one."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix in TYPES)
    table = {path.relative_to(root).as_posix(): File(path.read_bytes(), TYPES[path.suffix]) for path in found}
    return Files({**table, ALL_SHEETS: _all_sheets(table)})


def _all_sheets(table: Mapping[str, File]) -> File:
    """The tokens first, as they say which layer wins; the order of the others means nothing."""
    layered = [path for path in table if path.startswith("css/") and b"@layer" in table[path].body]
    layered.sort(key=lambda path: path != "css/tokens.css")
    return File(b"\n".join(table[path].body for path in layered), TYPES[".css"])
