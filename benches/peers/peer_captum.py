"""captum's Lime and KernelShap over the presence of a customer's classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from captum._utils.models.linear_model import SkLearnLinearRegression
from captum.attr import KernelShap, Lime

from customers import Customer
from explainer import Explained, Explainer, Work, from_peer
from network import Network, Predictor
from yardstick import WIDTH, Perturbations, coalitions, coin_flips, neighbourhood

PERTURBATIONS_PER_EVALUATION = 128

Forward = Callable[[torch.Tensor], torch.Tensor]


class Captum(Explainer):
    """A call for each trait: captum takes one number for each perturbation, and draws anew in every call."""

    reports = "no"

    def __init__(self, network: Network, samples: int) -> None:
        self.network = network
        self.samples = samples

    def make(self, forward: Forward, customer: Customer) -> Lime | KernelShap:
        """captum's explainer of `forward`."""
        raise NotImplementedError

    def prepare(self, customer: Customer) -> Work:
        predict = Predictor(self.network, customer)
        explainer = self.make(lambda presence: torch.from_numpy(predict(presence.numpy())), customer)
        all_present = torch.ones(1, len(customer.active))

        def work() -> Explained:
            intercepts, coefficients = [], []
            for trait in range(len(self.network.outputs)):
                found = explainer.attribute(
                    all_present,
                    baselines=0,
                    target=trait,
                    n_samples=self.samples,
                    perturbations_per_eval=PERTURBATIONS_PER_EVALUATION,
                )
                coefficients.append(found[0].numpy())
                # `attribute` hands out the coefficients alone; the intercept stays in the fitted model.
                intercepts.append(float(explainer.interpretable_model.bias()))
            return from_peer(intercepts, coefficients, predict)

        return work


class CaptumLime(Captum):
    """captum's Lime with its own drawing and kernel.

    Its default model is a lasso of 0.01, which on numbers between 0 and 1 sets nearly all coefficients to 0:
    least squares is what a user would take.
    """

    name = "captum Lime"
    family = "lime"
    settings = (
        "a call for each trait; least squares instead of the default lasso; the default drawing and kernel"
    )

    def make(self, forward: Forward, customer: Customer) -> Lime:
        return Lime(forward, interpretable_model=SkLearnLinearRegression())

    def own_perturbations(
        self, generator: np.random.Generator, customer: Customer, explained: Explained, count: int
    ) -> Perturbations:
        presence = coin_flips(generator, len(customer.active), 0.5, count)
        return Perturbations(presence, cosine_kernel(presence))


class CaptumLimeNear(Captum):
    """captum's Lime, told to draw and to weigh just as the first yardstick does.

    A control: what differs from microseg's row is the library, not the idea.
    """

    name = "captum Lime, near"
    family = "lime"
    settings = "a call for each trait; least squares; drawn and weighed as the yardstick near the customer"

    def make(self, forward: Forward, customer: Customer) -> Lime:
        classes = len(customer.active)
        most = math.ceil(classes / 4)
        shares = torch.from_numpy(customer.shares).float()

        # All of a call's perturbations at once: captum takes them one by one, but they can be drawn together.
        def perturb(_original: torch.Tensor, **_: object) -> Iterator[torch.Tensor]:
            removed = torch.randint(1, most + 1, (self.samples, 1))
            ranks = torch.rand(self.samples, classes).argsort(dim=1).argsort(dim=1)
            yield from (ranks >= removed).long().split(1)

        def similarity(
            _original: torch.Tensor, _perturbed: torch.Tensor, presence: torch.Tensor, **_: object
        ) -> torch.Tensor:
            removed = shares @ (1 - presence[0]).float()
            return torch.exp(-((removed / WIDTH) ** 2))

        return Lime(
            forward,
            interpretable_model=SkLearnLinearRegression(),
            perturb_func=perturb,
            similarity_func=similarity,
        )

    def own_perturbations(
        self, generator: np.random.Generator, customer: Customer, explained: Explained, count: int
    ) -> Perturbations:
        return neighbourhood(generator, customer, count)


class CaptumKernelShap(Captum):
    """captum's KernelShap as it is."""

    name = "captum KernelShap"
    family = "kernel-shap"
    settings = "a call for each trait; baseline: no spending"

    def make(self, forward: Forward, customer: Customer) -> KernelShap:
        return KernelShap(forward)

    def own_perturbations(
        self, generator: np.random.Generator, customer: Customer, explained: Explained, count: int
    ) -> Perturbations:
        return coalitions(generator, len(customer.active), count)


def cosine_kernel(presence: np.ndarray) -> np.ndarray:
    """captum's default: exp(-d² / 2), d being 1 less the cosine between the perturbation and the customer."""
    cosine = np.sqrt(presence.mean(axis=1))
    return np.exp(-((1.0 - cosine) ** 2) / 2)
