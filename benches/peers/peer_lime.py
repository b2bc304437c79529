"""lime's LimeTabularExplainer over the presence of a customer's classes."""

from __future__ import annotations

import math
import warnings
from functools import cache

import numpy as np
from lime.lime_tabular import LimeTabularExplainer

from customers import Customer
from explainer import Explained, Explainer, Work, from_peer
from network import Network, Predictor
from yardstick import Perturbations, coin_flips


class Lime(Explainer):
    """lime, with the settings that suit it best.

    Presences are categorical: discretizing a yes or no makes no sense. Feature selection is off: it would fit
    another ridge regression to choose among classes that are all wanted. The rest is the default: a ridge of
    1 and a kernel of width 0.75 √M over the Euclidean distance. What is removed follows the training data's
    frequencies, so these decide how far from the customer lime looks.
    """

    family = "lime"
    reports = "fit"

    def __init__(self, network: Network, samples: int, *, removed_one_in: int, one_call: bool) -> None:
        self.network = network
        self.samples = samples
        self.one_call = one_call
        self.removed = 1.0 / removed_one_in
        self.name = "lime"
        if one_call:
            self.name += ", one call"
        if removed_one_in > 2:
            self.name += ", near"
        calls = "all traits as labels of one call" if one_call else "regression: a call for each trait"
        self.settings = (
            f"{calls}; a class is removed with probability 1/{removed_one_in}; no feature selection"
        )
        # Nothing in it is the customer's but the number of classes.
        self.explainer_for = cache(self._explainer_for)

    def _explainer_for(self, classes: int) -> LimeTabularExplainer:
        history = np.ones((round(1 / self.removed), classes))
        history[0] = 0.0
        return LimeTabularExplainer(
            history,
            mode="classification" if self.one_call else "regression",
            categorical_features=list(range(classes)),
            discretize_continuous=False,
            feature_selection="none",
        )

    def prepare(self, customer: Customer) -> Work:
        predict = Predictor(self.network, customer)
        explainer = self.explainer_for(len(customer.active))
        explain = self._in_one_call if self.one_call else self._trait_by_trait
        return lambda: explain(explainer, predict, np.ones(len(customer.active)))

    def _trait_by_trait(
        self, explainer: LimeTabularExplainer, predict: Predictor, all_present: np.ndarray
    ) -> Explained:
        """As lime explains regressions: it looks at one output."""
        intercepts, coefficients, scores = [], [], []
        for trait in range(len(self.network.outputs)):
            found = explainer.explain_instance(
                all_present,
                lambda presence, trait=trait: predict(presence)[:, trait],
                num_features=len(all_present),
                num_samples=self.samples,
            )
            # lime files a regression under the label 1; 0 holds the negatives.
            intercepts.append(found.intercept[1])
            coefficients.append(in_order(found.local_exp[1]))
            scores.append(float(found.score))
        return from_peer(intercepts, coefficients, predict, scores)

    def _in_one_call(
        self, explainer: LimeTabularExplainer, predict: Predictor, all_present: np.ndarray
    ) -> Explained:
        """As lime explains classifiers: the network sees one sample, each output is fitted.

        The traits lie between 0 and 1 but are no distribution; lime makes no use of that. It keeps one score
        only, the last label's.
        """
        labels = range(len(self.network.outputs))
        with warnings.catch_warnings():
            # That the traits do not add up to 1, at every call.
            warnings.simplefilter("ignore", UserWarning)
            found = explainer.explain_instance(
                all_present, predict, labels=labels, num_features=len(all_present), num_samples=self.samples
            )
        intercepts = [found.intercept[label] for label in labels]
        coefficients = [in_order(found.local_exp[label]) for label in labels]
        return from_peer(intercepts, coefficients, predict, [float(found.score)])

    def own_perturbations(
        self, generator: np.random.Generator, customer: Customer, explained: Explained, count: int
    ) -> Perturbations:
        presence = coin_flips(generator, len(customer.active), self.removed, count)
        return Perturbations(presence, kernel(presence))


def in_order(weights: list[tuple[int, float]]) -> np.ndarray:
    """lime sorts by size; here they stand in the order of the classes."""
    return np.array([weight for _, weight in sorted(weights)])


def kernel(presence: np.ndarray) -> np.ndarray:
    """lime's default: √exp(-d² / width²) with the Euclidean d and the width 0.75 √M."""
    width = 0.75 * math.sqrt(presence.shape[1])
    squared_distances = (1.0 - presence).sum(axis=1)
    return np.sqrt(np.exp(-squared_distances / width**2))
