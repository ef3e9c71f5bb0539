"""Sources that say where they are cited.

sphinxcontrib-bibtex leads back from a source only to citations on its own page.
"""

import re
from pathlib import PurePosixPath

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class SayWhereCited(SphinxPostTransform):
    """Add to each source of the bibliography links to where it is cited."""

    # After the sources are written down (5), before references are resolved (10).
    default_priority = 6

    def run(self, **kwargs):
        """Add a line to each source, where each page has its own address."""
        if self.app.builder.name != "html":
            return
        domain = self.env.get_domain("cite")
        keys = {citation.citation_id: citation.key for citation in domain.citations}
        for source in list(self.document.findall(nodes.citation)):
            for name in source["ids"]:
                if name in keys:
                    source += self._line(places(domain, keys[name]))

    def _line(self, found):
        line = nodes.paragraph("", "Cited in ", classes=["cited"])
        builder, here = self.app.builder, self.env.docname
        for number, (page, place) in enumerate(found):
            line += nodes.Text(", " if number else "")
            address = f"{builder.get_relative_uri(here, page)}#{place}"
            words = name_of(page, self.env.titles[page].astext())
            line += nodes.reference("", words, refuri=address, internal=True)
        line += nodes.Text(".")
        return line


def places(domain, key):
    """Return for each page that cites a source the page and its first citation."""
    first = {}
    for citation in domain.citation_refs:
        if key in {target.key for target in citation.targets}:
            first.setdefault(citation.docname, citation.citation_ref_id)
    return sorted(first.items())


def name_of(page, title):
    """Return what a link to a page says.

    >>> name_of("chapters/07_gradient_descent", "How do weights learn?")
    'chapter 7'
    >>> name_of("chapters/trust", "What is proved")
    'What is proved'
    """
    number = re.match(r"\d+", PurePosixPath(page).name)
    return f"chapter {int(number[0])}" if number else title


def setup(app):
    """Connect to Sphinx."""
    app.add_post_transform(SayWhereCited)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
