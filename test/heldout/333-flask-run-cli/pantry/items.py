from dataclasses import dataclass


@dataclass
class Item:
    name: str
    amount: int = 0


ITEMS = {name: Item(name, amount) for name, amount in [("rice", 3), ("beans", 8), ("oil", 1)]}
