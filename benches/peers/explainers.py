"""Same work, side by side: microseg and the Python explainers on the same customers, in one table."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_info

from customers import run, simulate
from explainer import Explainer
from machine import load, machine, versions
from measure import JUDGING_PERTURBATIONS, Measured, measure, offered, say
from network import Network
from ours import METHODS, Microseg, Service
from peer_captum import CaptumKernelShap, CaptumLime, CaptumLimeNear
from peer_lime import Lime
from peer_shap import ShapKernel
from table import stages, table

ROOT = Path(__file__).resolve().parents[2]
MODEL = "spending-personality/1"
WARM_UP_CUSTOMERS = 5
PACKAGES = ("lime", "shap", "captum", "torch", "numpy", "scikit-learn")
SEEN_SEEDS = (1, 2)
"""The network learned from the population of the first, its tables come from the second's."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--customers", type=int, default=50, help="how many customers are explained (default: 50)"
    )
    parser.add_argument("--samples", type=int, default=512, help="perturbations for each (default: 512)")
    parser.add_argument(
        "--seed", type=int, default=2109, help="of the customers and all drawing (default: 2109)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write every single measurement")
    wish = parser.parse_args()
    if wish.seed in SEEN_SEEDS:
        parser.error(f"--seed {wish.seed}: the network has seen these customers")
    if wish.customers < 1 or not 32 <= wish.samples <= 8_192:
        parser.error("at least one customer, and 32 to 8192 samples")
    return wish


def use_one_thread() -> None:
    """Checks that all libraries do: most read it from the environment when loaded, too late to set here."""
    torch.set_num_threads(1)
    if any(pool["num_threads"] != 1 for pool in threadpool_info()):
        raise SystemExit(
            "error: a library computes with several threads; explainers.sh sets the variables for one"
        )


def contestants(service: Service, network: Network, samples: int) -> list[Explainer]:
    """The rows of the table."""
    return [
        *(Microseg(service, method, network, samples) for method in METHODS),
        Lime(network, samples, removed_one_in=2, one_call=False),
        Lime(network, samples, removed_one_in=2, one_call=True),
        Lime(network, samples, removed_one_in=8, one_call=True),
        CaptumLime(network, samples),
        CaptumLimeNear(network, samples),
        ShapKernel(network, samples),
        CaptumKernelShap(network, samples),
    ]


def report(
    all_measured: list[Measured], notes: list[str], wish: argparse.Namespace, found: dict[str, str]
) -> str:
    """The table with what one must know to read it."""
    ours = [one for one in all_measured if one.explainer.name.startswith("microseg")]
    classes = np.median([record.classes for record in all_measured[0].records])
    head = (
        f"{wish.customers} simulated customers (seed {wish.seed}) with a median of {classes:.0f} active "
        f"classes, five traits, {wish.samples} samples, one thread each; every customer twice. "
        f"R² on {JUDGING_PERTURBATIONS:,} fresh perturbations for each customer."
    )
    remarks = [f"{one.explainer.name}: {one.explainer.settings}" for one in all_measured]
    remarks += [stages(one) for one in ours]
    if "kernel-shap" not in {one.explainer.family for one in ours}:
        remarks.append("times ours: microseg has no kernel-shap, so all rows are compared with its lime")
    remarks += notes
    against = ", ".join(f"{name} {text}" for name, text in found.items() if name != "machine")
    return "\n".join(
        [
            f"{date.today()}, {found['machine']}; {against}",
            "",
            head,
            "",
            table(all_measured),
            "",
            *(f"- {remark}" for remark in remarks),
        ]
    )


def main() -> None:
    wish = arguments()
    microseg = Path(os.environ.get("MICROSEG", ROOT / "target/release/microseg")).resolve()
    use_one_thread()
    # The peers are run as they come, without seeds of their own; this makes a whole run repeatable.
    np.random.seed(wish.seed)
    torch.manual_seed(wish.seed)

    load_before = load()
    found = {"machine": machine(), **versions(run([microseg, "--version"]), PACKAGES)}
    say(f"simulating {wish.customers} customers, and {WARM_UP_CUSTOMERS} to warm up with")
    everybody = simulate(microseg, ROOT / "models" / MODEL, WARM_UP_CUSTOMERS + wish.customers, wish.seed)
    network = Network(ROOT / "models" / MODEL)
    with Service(microseg, ROOT / "tests/models") as service:
        rows, notes = offered(contestants(service, network, wish.samples), everybody[:WARM_UP_CUSTOMERS])
        if service.store:
            notes.append("microseg keeps each explanation in a SQLite file; that is part of its time")
        all_measured = measure(rows, everybody[WARM_UP_CUSTOMERS:], network, wish.seed)

    notes.append(
        f"load of the machine: {load_before:.1f} before, {load():.1f} at the end; this run alone makes 1"
    )
    print(report(all_measured, notes, wish, found))
    if wish.json:
        explainers = {one.explainer.name: [asdict(record) for record in one.records] for one in all_measured}
        document = {
            **found,
            "seed": wish.seed,
            "samples": wish.samples,
            "notes": notes,
            "explainers": explainers,
        }
        wish.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
