from deadlinks import check, links


def test_links_are_absolute():
    assert links("http://example.com/a/", '<a href="b">') == ["http://example.com/a/b"]


def test_dead_link(site):
    assert check(site) == {site + "ok": 200, site + "gone": 404}
