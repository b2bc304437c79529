"""The report's plots, as SVG that is the same for the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from judge import MARGIN, Interval  # noqa: E402

matplotlib.rcParams["svg.hashsalt"] = "microseg"
matplotlib.rcParams["font.size"] = 9
COLOURS = ("#1b6ca8", "#d1495b", "#66a182", "#8d6a9f", "#c98b2b")


def save(figure: Figure, path: Path) -> None:
    """Without a date, so that a run that changes no number changes no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def differences(path: Path, groups: Sequence[tuple[str, Sequence[tuple[str, Interval]]]], label: str) -> None:
    """A panel for each group, an interval for each line; the margin of 'at least as well' is shaded."""
    figure, panels = pyplot.subplots(
        1, len(groups), figsize=(4.6 * len(groups), 1.3 + 0.26 * max(len(lines) for _, lines in groups)), squeeze=False
    )
    for panel, (title, lines) in zip(panels[0], groups):
        interval_panel(panel, title, lines)
        panel.set_xlabel(label)
    figure.tight_layout()
    save(figure, path)


def interval_panel(panel: Axes, title: str, lines: Sequence[tuple[str, Interval]]) -> None:
    panel.axvspan(-MARGIN, 0, color="#eeeeee")
    panel.axvline(0, color="black", linewidth=0.8)
    for place, (_, interval) in enumerate(lines):
        colour = COLOURS[2] if interval.low > -MARGIN else COLOURS[1] if interval.high < 0 else "#777777"
        panel.errorbar(interval.mean, place, xerr=interval.half, fmt="o", color=colour, markersize=4, capsize=2)
    panel.set_yticks(range(len(lines)), [name for name, _ in lines])
    panel.invert_yaxis()
    panel.set_title(title, fontsize=9)
    panel.spines[["top", "right"]].set_visible(False)


def curves(path: Path, panels: Sequence[tuple[str, dict[str, list[tuple[int, float, float]]]]]) -> None:
    """AUC over the number of labels, with the spread of draws: (labels, mean, deviation) for each row."""
    figure, axes = pyplot.subplots(1, len(panels), figsize=(3.6 * len(panels), 2.8), squeeze=False)
    for axis, (title, lines) in zip(axes[0], panels):
        for colour, (name, points) in zip(COLOURS, lines.items()):
            counts, means, deviations = zip(*points)
            low = [mean - deviation for mean, deviation in zip(means, deviations)]
            high = [mean + deviation for mean, deviation in zip(means, deviations)]
            axis.plot(counts, means, marker="o", markersize=3, color=colour, label=name)
            axis.fill_between(counts, low, high, color=colour, alpha=0.12, linewidth=0)
        axis.set_xscale("log")
        ticks = sorted({point[0] for points in lines.values() for point in points})
        axis.set_xticks(ticks, [str(tick) for tick in ticks], rotation=45)
        axis.minorticks_off()
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("labels")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0][0].set_ylabel("AUC")
    axes[0][0].legend(fontsize=7, frameon=False)
    figure.tight_layout()
    save(figure, path)


def bars(path: Path, panels: Sequence[tuple[str, Sequence[tuple[str, Interval]]]], label: str) -> None:
    """A panel for each task, a bar with an interval for each clustering."""
    figure, axes = pyplot.subplots(1, len(panels), figsize=(2.9 * len(panels), 2.4), squeeze=False, sharey=True)
    titles = [name for name, _ in panels[0][1]]
    for axis, (title, lines) in zip(axes[0], panels):
        for name, interval in lines:
            place = titles.index(name) if name in titles else len(titles)
            axis.barh(
                place, 100 * interval.mean, xerr=100 * interval.half, color=COLOURS[place % 5], height=0.6, capsize=2
            )
        axis.axvline(0, color="black", linewidth=0.8)
        axis.set_title(title, fontsize=9)
        axis.set_xlabel(label)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0][0].set_yticks(range(len(titles)), titles)
    axes[0][0].invert_yaxis()
    figure.tight_layout()
    save(figure, path)
