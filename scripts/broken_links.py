"""The links of a static website that lead to a page or an anchor that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """The ids and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the id and the links of a tag."""
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ("href", "src") and value:
                self.links.append(value)


def broken_links(site: Path) -> Iterator[str]:
    """Yield each link between pages of the site that leads nowhere, as "page: link"; other websites are not checked."""
    # The theme's own templates are in _static.
    files = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    pages = {path.resolve(): _Page(path.read_text()) for path in files}
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            has_anchor = target not in pages or not parts.fragment or unquote(parts.fragment) in pages[target].ids
            if not target.exists() or not has_anchor:
                yield f"{path.relative_to(site.resolve())}: {link}"
