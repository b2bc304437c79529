"""Picture of an explanation."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from microseg.answers.explanation import Target

_RAISES, _LOWERS = "#c2410c", "#1d4ed8"


def bars(target: Target, verdict: str | None, ax: Any) -> Any:
    """Horizontal bars, the strongest first."""
    if ax is None:
        try:
            pyplot: Any = import_module("matplotlib.pyplot")
        except ImportError as error:
            raise ImportError("plot needs the package matplotlib: pip install 'microseg[plot]'") from error
        _, ax = pyplot.subplots(figsize=(7, 0.8 + 0.32 * len(target.contributions)), layout="constrained")
    for place, each in enumerate(target.contributions):
        color = _RAISES if each.contribution > 0 else _LOWERS
        ax.barh(place, each.contribution, color=color, alpha=0.85)
        if each.ci95 is not None:
            ax.plot(each.ci95, (place, place), color="black", linewidth=1)
    ax.set_yticks(range(len(target.contributions)), [each.title for each in target.contributions])
    ax.invert_yaxis()
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_xlabel(f"contribution to {target.name}")
    ax.set_title(f"{target.name} = {target.value:.3g} (from {target.intercept:.3g}; verdict {verdict})", fontsize=10)
    return ax
