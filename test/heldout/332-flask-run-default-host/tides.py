import math


def forecast(days, step_hours=6):
    """A made-up harmonic: good enough for the demo."""
    hours = range(0, days * 24, step_hours)
    return [{"hour": h, "level": round(2 + 1.6 * math.sin(h / 12.42 * 2 * math.pi), 2)} for h in hours]
