"""Finds dead links of a page."""
import re
import urllib.error
import urllib.request
from urllib.parse import urljoin

HREF = re.compile(r'href="([^"#]+)"')


def links(base: str, html: str) -> list[str]:
    return [urljoin(base, href) for href in HREF.findall(html)]


def status(url: str, timeout: float = 5) -> int:
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def check(url: str) -> dict[str, int]:
    with urllib.request.urlopen(url) as response:
        html = response.read().decode("utf-8", "replace")
    return {link: status(link) for link in links(url, html)}
