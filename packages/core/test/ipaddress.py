"""Sets of addresses by Python's ipaddress module: JSON cases on stdin, JSON answers on stdout. All addresses are numbers."""
import ipaddress
import json
import sys

ADDRESS = {4: ipaddress.IPv4Address, 6: ipaddress.IPv6Address}


def networks(ranges):
    """The fewest networks for ranges of [family, first, last], IPv4 first."""
    found = []
    for family in (4, 6):
        own = [r for r in ranges if r[0] == family]
        summed = [n for _, a, b in own for n in ipaddress.summarize_address_range(ADDRESS[family](int(a)), ADDRESS[family](int(b)))]
        found += ipaddress.collapse_addresses(summed)
    return found


def collapsed(all):
    return [n for family in (4, 6) for n in ipaddress.collapse_addresses(x for x in all if x.version == family)]


def meet(x, y):
    return x.version == y.version and x.overlaps(y)


def intersection(a, b):
    # Of two networks one holds the other, or they have nothing in common.
    pairs = [(x, y) for x in a for y in b if meet(x, y)]
    return collapsed([x if x.prefixlen > y.prefixlen else y for x, y in pairs])


def difference(a, b):
    left = list(a)
    for y in b:
        rest = []
        for x in left:
            if not meet(x, y):
                rest.append(x)
            elif x.prefixlen < y.prefixlen:
                rest += x.address_exclude(y)
        left = rest
    return collapsed(left)


def written(all):
    """Each stretch as up to three networks, or else by its ends."""
    stretches = []
    for n in all:
        last = stretches[-1][-1] if stretches else None
        if last is not None and last.version == n.version and int(last.broadcast_address) + 1 == int(n.network_address):
            stretches[-1].append(n)
        else:
            stretches.append([n])
    found = []
    for s in stretches:
        if len(s) > 3:
            found.append(f"ends {s[0].version} {int(s[0].network_address)} {int(s[-1].broadcast_address)}")
        else:
            found += [f"network {n.version} {int(n.network_address)} {int(n.broadcast_address)}" for n in s]
    return found


def told(all):
    return [f"{n.version} {int(n.network_address)}/{n.prefixlen}" for n in all]


answers = []
for case in json.load(sys.stdin):
    a, b = networks(case["a"]), networks(case["b"])
    answers.append(
        {
            "a": told(a),
            "union": told(collapsed(a + b)),
            "intersection": told(intersection(a, b)),
            "difference": told(difference(a, b)),
            "written": written(a),
        }
    )
json.dump(answers, sys.stdout)
