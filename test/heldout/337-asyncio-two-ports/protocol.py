from dataclasses import dataclass


@dataclass
class Frame:
    device: str
    value: float


def decode(line: bytes) -> Frame:
    device, value = line.decode("ascii").strip().split(";")
    return Frame(device, float(value))
