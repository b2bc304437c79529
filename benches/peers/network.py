"""The network as the peers call it: presence of a customer's active classes in, the traits out."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import torch

from customers import Customer


class Network:
    """The bundle's TorchScript module, the file that microseg runs."""

    def __init__(self, bundle: Path) -> None:
        manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
        self.classes: list[str] = manifest["classes"]
        self.outputs: list[str] = manifest["outputs"]
        self.layers: int = manifest["layers"]
        self.hidden_size: int = manifest["hidden_size"]
        self.module = torch.jit.load(str(bundle / "model.pt")).eval()

    def __call__(self, profiles: np.ndarray) -> np.ndarray:
        """The outputs [B, O] after the last period of profiles [B, T, K], both float32."""
        with torch.inference_mode():
            nothing = torch.zeros(self.layers, len(profiles), self.hidden_size)
            _, outputs, _, _ = self.module(torch.from_numpy(profiles), nothing, nothing)
            return outputs[:, -1].numpy()


class Predictor:
    """The function that a peer explains, for one customer. It counts what it is asked for.

    Of five ways to write it this was the fastest (256 µs of 512 rows, the network takes 1,200): one matrix
    product for what is left of each period, one scatter of the presences, and one pass over [B, T, K].
    """

    def __init__(self, network: Network, customer: Customer) -> None:
        self.network = network
        self.active = customer.active
        self.totals = customer.totals.astype(np.float32)
        self.active_totals = customer.totals[:, customer.active].T.copy()
        self.rows = 0
        """How many perturbations the network has seen."""
        self.network_seconds = 0.0
        """How long it took, without the profiles."""

    def profiles(self, presence: np.ndarray) -> np.ndarray:
        """[B, M] of zeros and ones -> [B, T, K]: what is absent leaves the totals, then shares."""
        left = np.asarray(presence, dtype=np.float64) @ self.active_totals
        left[left <= 0] = 1.0
        present = np.zeros((len(presence), self.totals.shape[1]), dtype=np.float32)
        present[:, self.active] = presence
        shares = present[:, None, :] * self.totals
        shares /= left.astype(np.float32)[:, :, None]
        return shares

    def __call__(self, presence: np.ndarray) -> np.ndarray:
        """The traits [B, O] of the customer with these classes only [B, M]."""
        profiles = self.profiles(presence)
        begun = time.perf_counter()
        outputs = self.network(profiles)
        self.network_seconds += time.perf_counter() - begun
        self.rows += len(presence)
        return outputs.astype(np.float64)
