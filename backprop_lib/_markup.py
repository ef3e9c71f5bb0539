"""Words with maths in them, as HTML."""

import re
from html import escape


def as_html(text):
    r"""Return text as HTML: ``$...$`` is maths, backquotes hold code.

    >>> as_html("Is $w < 0$?")
    'Is <span class="math notranslate nohighlight">\\(w &lt; 0\\)</span>?'
    >>> as_html("Look at `net`.")
    'Look at <code>net</code>.'
    """
    text = escape(text, quote=False)
    maths = r'<span class="math notranslate nohighlight">\\(\1\\)</span>'
    text = re.sub(r"(?<!\\)\$([^$]+)\$", maths, text)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
