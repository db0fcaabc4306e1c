import argparse

from .client import Amplifier


def main() -> None:
    parser = argparse.ArgumentParser(prog="ampctl")
    parser.add_argument("--host", default="192.0.2.40")
    parser.add_argument("--port", type=int, default=4999)
    parser.add_argument("volume", type=int, nargs="?")
    args = parser.parse_args()

    amplifier = Amplifier(args.host, args.port)
    if args.volume is not None:
        amplifier.volume = args.volume
    print(amplifier.volume)


if __name__ == "__main__":
    main()
