from .client import Amplifier

__all__ = ["Amplifier"]
