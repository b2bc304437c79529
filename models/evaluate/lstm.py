"""The network of one fold: an LSTM that learns the rule-made traits of the fold's training customers.

It is `models/train` in small: a fold has some hundred customers instead of 20,000, and the network is not shown the
variations that only explanations need. It learns the traits of the *next* period instead of this one's. Those of this
one are a function of the few classes that have coefficients, so a network that gives them back may forget the others;
to foresee the next ones it must keep whatever goes with them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from reference import Population, Standard, fit_standard, label

LAYERS = 1


@dataclass(frozen=True)
class Settings:
    """The same for every study and every fold: no fold chooses them."""

    hidden_size: int = 16
    """Twice the reference model's: with so few customers the features may not be short of room."""
    batch: int = 64
    learning_rate: float = 0.005
    decay: float = 0.98
    weight_decay: float = 1e-4
    epochs: int = 120
    patience: int = 15
    stopping_part: float = 0.15
    """Of the training customers, kept from the gradient: the epoch that does best on them is taken."""
    rarest: float = 1 / 3000
    """A class counts as at least so large, compared with the largest, when the inputs are scaled."""


class Network(nn.Module):
    """Profiles in, states and traits out, with the signature of every bundle's `model.pt`."""

    def __init__(self, classes: int, hidden_size: int, traits: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(classes, hidden_size, num_layers=LAYERS, batch_first=True)
        self.readout = nn.Linear(hidden_size, traits)

    def forward(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """x [B, T, K], h and c [L, B, H] -> states [B, T, H], outputs [B, T, O], h, c."""
        states, (h, c) = self.lstm(x, (h, c))
        return states, torch.sigmoid(self.readout(states)), h, c


@dataclass(frozen=True)
class Trained:
    network: Network
    r_squared: list[float]
    """Per trait, on the customers that the training was stopped by."""


def export(network: Network, path: Path) -> None:
    """Writes the TorchScript that a bundle is built around."""
    torch.jit.script(network.eval()).save(str(path))


def zero_state(customers: int, hidden_size: int) -> torch.Tensor:
    return torch.zeros(LAYERS, customers, hidden_size)


def input_scale(population: Population, rarest: float) -> torch.Tensor:
    """One factor a class, [K]: what brings the shares of these customers to a root mean square of one.

    Rare classes would otherwise hardly move the states. It goes into the weights afterwards: the network takes shares.
    """
    size = population.profiles[population.mask].square().mean(dim=0).sqrt()
    return 1.0 / torch.clamp(size, min=float(size.max()) * rarest)


@dataclass(frozen=True)
class Lesson:
    """Customers with what the network is to say of them."""

    population: Population
    traits: torch.Tensor
    """[B, T, traits]: at each period those of the next."""
    known: torch.Tensor
    """[B, T]: where there is a next period."""

    def at(self, rows: torch.Tensor) -> Lesson:
        return Lesson(self.population.at(rows), self.traits[rows], self.known[rows])


def lesson(population: Population, coefficients: torch.Tensor, standard: Standard) -> Lesson:
    """The next period's traits for every period but each customer's last."""
    traits = label(population.profiles, coefficients, standard)
    following, known = torch.zeros_like(traits), torch.zeros_like(population.mask)
    following[:, :-1] = traits[:, 1:]
    known[:, :-1] = population.mask[:, 1:]
    return Lesson(population, following, known)


def mean_squared_error(network: Network, taught: Lesson, scale: torch.Tensor) -> torch.Tensor:
    start = zero_state(len(taught.population), network.lstm.hidden_size)
    outputs = network(taught.population.profiles * scale, start, start)[1]
    return (outputs - taught.traits)[taught.known].square().mean()


def untrained(population: Population, coefficients: torch.Tensor, settings: Settings, seed: int) -> Network:
    """A network as it is before it learns anything, its inputs scaled: what it is worth to have learnt the traits."""
    torch.manual_seed(seed)
    network = Network(population.profiles.shape[2], settings.hidden_size, len(coefficients))
    return folded(network, input_scale(population, settings.rarest))


def folded(network: Network, scale: torch.Tensor) -> Network:
    """The network with the input scale inside its weights."""
    with torch.no_grad():
        network.lstm.weight_ih_l0.mul_(scale)
    return network.eval()


def train(population: Population, coefficients: torch.Tensor, settings: Settings, seed: int) -> Trained:
    """Trains on these customers alone: their standardisation, their order and their early stopping."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(population), generator=generator)
    stopping = max(1, round(settings.stopping_part * len(population)))
    learning = population.at(order[stopping:])
    standard = fit_standard(learning.profiles, learning.mask, coefficients)
    taught = lesson(learning, coefficients, standard)
    judged = lesson(population.at(order[:stopping]), coefficients, standard)
    scale = input_scale(learning, settings.rarest)

    network = Network(population.profiles.shape[2], settings.hidden_size, len(coefficients))
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, settings.decay)
    best, best_error, best_epoch = copy.deepcopy(network.state_dict()), float("inf"), 0
    for epoch in range(settings.epochs):
        for rows in torch.randperm(len(learning), generator=generator).split(settings.batch):
            batch = taught.at(rows)
            if not bool(batch.known.any()):
                continue
            optimiser.zero_grad()
            mean_squared_error(network, batch, scale).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
        schedule.step()
        with torch.no_grad():
            error = mean_squared_error(network, judged, scale).item()
        if error < best_error:
            best, best_error, best_epoch = copy.deepcopy(network.state_dict()), error, epoch
        elif epoch - best_epoch >= settings.patience:
            break
    network.load_state_dict(best)
    network = folded(network, scale)
    return Trained(network, r_squared(network, judged))


@torch.no_grad()
def r_squared(network: Network, judged: Lesson) -> list[float]:
    """How much of the next period's traits the network foresees, per trait."""
    start = zero_state(len(judged.population), network.lstm.hidden_size)
    given = network(judged.population.profiles, start, start)[1][judged.known].double()
    wanted = judged.traits[judged.known].double()
    residual = (given - wanted).square().sum(dim=0)
    return (1 - residual / (wanted - wanted.mean(dim=0)).square().sum(dim=0)).tolist()


def make_deterministic() -> None:
    """One thread: sums are then always taken in one order, however many cores there are."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
