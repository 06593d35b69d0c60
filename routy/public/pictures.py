"""Pictures as SVG, drawn here so that a page needs no script: a series, a bar, and the badge.

Sizes stand in attributes and colours in classes, as the pages' policy lets no style through. Every text is escaped.
"""

from html import escape

from routy.public.figures import Split

HEIGHT = 100
BADGE_HEIGHT = 20
LETTER = 6.6  # about as wide as one of 11 px is
SPARK = 80
BADGE_COLORS = {  # of the label's ground, the value's ground, the line
    "light": ("#565c66", "#0f766e", "#0f766e"),
    "dark": ("#3a4048", "#0b5f59", "#3fc1b8"),
}


def series(split: Split) -> str:
    """A bar for each unit of time, as high as its first metric; who points at one is told its figures."""
    lines, most = split.lines, max(split.most, 1)
    wide = 1000 / max(len(lines), 1)
    gap = min(wide * 0.2, 4)
    drawn = []
    for at, line in enumerate(lines):
        high = line.figures[0] / most * HEIGHT
        told = ", ".join(f"{figure:,} {name}" for name, figure in zip(split.metrics, line.figures, strict=True))
        drawn.append(
            f"<g><title>{escape(line.label)}: {escape(told)}</title>"
            f'<rect class="spot" x="{at * wide:.2f}" y="0" width="{wide:.2f}" height="{HEIGHT}"/>'
            f'<rect class="ink" x="{at * wide + gap / 2:.2f}" y="{HEIGHT - high:.2f}" width="{wide - gap:.2f}"'
            f' height="{high:.2f}"/></g>'
        )
    return (
        f'<svg class="series" viewBox="0 0 1000 {HEIGHT}" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(said(split))}">{"".join(drawn)}</svg>'
    )


def said(split: Split) -> str:
    """The series in words, for who does not see it."""
    if not split.lines:
        return "No figures yet"
    top = max(split.lines, key=lambda line: line.figures[0])
    return (
        f"{split.metrics[0]} from {split.lines[0].label} to {split.lines[-1].label}; "
        f"most on {top.label}: {top.figures[0]:,}"
    )


def bar(figure: int, most: int) -> str:
    """What stands behind a row."""
    wide = 100 * figure / most if most else 0
    return (
        '<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{wide:.2f}" height="1"/></svg>'
    )


def badge(label: str, value: str, theme: str, spark: Split | None) -> str:
    """A label and a figure, or a small series in the figure's place."""
    ground, ink, line = BADGE_COLORS[theme or "light"]
    left = round(len(label) * LETTER + 12)
    right = SPARK if spark else round(len(value) * LETTER + 12)
    inside = _spark(spark, left, line) if spark else _text(value, left + right / 2)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{BADGE_HEIGHT}" role="img"'
        f' aria-label="{escape(label)}: {escape(value)}"><title>{escape(label)}: {escape(value)}</title>'
        f'<clipPath id="r"><rect width="{left + right}" height="{BADGE_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{BADGE_HEIGHT}" fill="{ground}"/>'
        f'<rect x="{left}" width="{right}" height="{BADGE_HEIGHT}" fill="{"#f6f7f8" if spark else ink}"/></g>'
        f"{_text(label, left / 2)}{inside}</svg>"
    )


def _text(text: str, middle: float) -> str:
    return (
        f'<text x="{middle:.1f}" y="14" text-anchor="middle" fill="#fff" font-size="11"'
        f' font-family="Verdana,DejaVu Sans,sans-serif">{escape(text)}</text>'
    )


def _spark(split: Split, left: int, color: str) -> str:
    lines, most = split.lines, max(split.most, 1)
    step = (SPARK - 8) / max(len(lines) - 1, 1)
    points = " ".join(
        f"{left + 4 + at * step:.1f},{BADGE_HEIGHT - 3 - line.figures[0] / most * (BADGE_HEIGHT - 6):.1f}"
        for at, line in enumerate(lines)
    )
    return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5" stroke-linejoin="round"/>'
