"""Colour arithmetic for the palette's tests, from the published formulas."""

import math
import re
from pathlib import Path

from loyalty_site.paths import BASE_DIR

Triple = tuple[float, float, float]

TOKENS = BASE_DIR / "static" / "css" / "tokens.css"


def themes(sheet: Path = TOKENS) -> dict[str, dict[str, str]]:
    """The custom properties written as light-dark(#, #): {"light": {name: hex}, "dark": {...}}."""
    pairs = re.findall(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6,8}),\s*(#[0-9a-f]{6,8})\)", sheet.read_text())
    return {
        "light": {name: light for name, light, _ in pairs},
        "dark": {name: dark for name, _, dark in pairs},
    }


def laid_over(colour: str, surface: str) -> str:
    """What is seen of a colour with an alpha (#rrggbbaa) on an opaque surface, mixed as browsers do: in sRGB."""
    alpha = int(colour[7:9] or "ff", 16) / 255
    mixed = (
        round(alpha * int(colour[i : i + 2], 16) + (1 - alpha) * int(surface[i : i + 2], 16))
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def linear(colour: str) -> Triple:
    """Linear sRGB of a hex colour (IEC 61966-2-1)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return r, g, b


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2: (lighter + 0.05) / (darker + 0.05) of relative luminances."""
    lights = sorted(_luminance(linear(c)) for c in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def as_deuteranope_sees(rgb: Triple) -> Triple:
    """Linear sRGB as somebody without green cones sees it (Machado, Oliveira, Fernandes 2009, severity 1)."""
    rows = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
    r, g, b = (min(max(sum(m * c for m, c in zip(row, rgb, strict=True)), 0.0), 1.0) for row in rows)
    return r, g, b


def difference(one: Triple, other: Triple) -> float:
    """CIEDE2000 of two linear sRGB colours."""
    return lab_difference(_lab(one), _lab(other))


def lab_difference(one: Triple, other: Triple) -> float:
    """CIEDE2000 of two L*a*b* colours (CIE 142-2001; Sharma, Wu, Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    return _ciede2000((l1, a1 * (1 + g), b1), (l2, a2 * (1 + g), b2))


def _ciede2000(one: Triple, other: Triple) -> float:
    (l1, a1, b1), (l2, a2, b2) = one, other
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * _cos(hue - 30)
        + 0.24 * _cos(2 * hue)
        + 0.32 * _cos(3 * hue + 6)
        - 0.20 * _cos(4 * hue - 63)
    )
    by_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    by_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    by_hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    swing = 30 * math.exp(-(((hue - 275) / 25) ** 2))
    rotation = -2 * math.sqrt(chroma**7 / (chroma**7 + 25**7)) * math.sin(math.radians(2 * swing))
    return math.sqrt(by_light**2 + by_chroma**2 + by_hue**2 + rotation * by_chroma * by_hue)


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def _luminance(rgb: Triple) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def _lab(rgb: Triple) -> Triple:
    """CIE L*a*b* under D65 (IEC 61966-2-1 matrix)."""
    rows = (
        (0.4124564, 0.3575761, 0.1804375),
        (0.2126729, 0.7151522, 0.0721750),
        (0.0193339, 0.119192, 0.9503041),
    )
    white = (0.95047, 1.0, 1.08883)
    x, y, z = (
        sum(m * c for m, c in zip(row, rgb, strict=True)) / w for row, w in zip(rows, white, strict=True)
    )
    fx, fy, fz = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
