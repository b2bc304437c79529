"""shap's KernelExplainer over the presence of a customer's classes."""

from __future__ import annotations

import logging

import numpy as np
import shap

from customers import Customer
from explainer import Explained, Explainer, Work, from_peer
from network import Network, Predictor
from yardstick import Perturbations, coalitions

# It tells its every step to the log.
logging.getLogger("shap").setLevel(logging.WARNING)


class ShapKernel(Explainer):
    """shap, all traits in one call.

    The regularization is off: by default it keeps the ten strongest classes and sets the others to 0, which
    costs a selection for each trait and gives another answer than the one that is compared here.
    """

    name = "shap KernelExplainer"
    family = "kernel-shap"
    settings = (
        "all traits in one call; background: no spending; l1_reg off, so that every class gets its value"
    )
    reports = "no"

    def __init__(self, network: Network, samples: int) -> None:
        self.network = network
        self.samples = samples

    def prepare(self, customer: Customer) -> Work:
        predict = Predictor(self.network, customer)
        classes = len(customer.active)

        def work() -> Explained:
            # Making the explainer is part of the work: it asks the network for the baseline.
            explainer = shap.KernelExplainer(predict, np.zeros((1, classes)))
            values = explainer.shap_values(np.ones(classes), nsamples=self.samples, l1_reg=False, silent=True)
            return from_peer(explainer.expected_value, values.T, predict)

        return work

    def own_perturbations(
        self, generator: np.random.Generator, customer: Customer, explained: Explained, count: int
    ) -> Perturbations:
        return coalitions(generator, len(customer.active), count)
