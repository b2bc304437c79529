"""The classifiers that stand on either side, the same for the features and for the bespoke models."""

from __future__ import annotations

from typing import Any

import numpy
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 1
INNER_FOLDS = 5
STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""The logistic regression's inverse penalties, of which each fold chooses one within its training customers."""

MANY = 3000
"""From so many training customers on, the costly searches are coarser: there is less to gain from them."""

DEPTHS = (1, 3)
MOST_TREES = 80
SHRINKAGE = 0.15
INNER_PARTS = 2
"""The tuned gradient boosting chooses its depth and its number of trees within the training customers."""


def light() -> None:
    """Hardly any search, for a run in small: one penalty, few trees."""
    global STRENGTHS, INNER_FOLDS, MOST_TREES
    STRENGTHS, INNER_FOLDS, MOST_TREES = (0.01,), 2, 5


def logistic_regression(count: int) -> Pipeline:
    """Standardised columns, ridge penalty chosen by inner cross-validation."""
    inner = StratifiedKFold(INNER_FOLDS if count < MANY else 3, shuffle=True, random_state=SEED)
    model = LogisticRegressionCV(
        Cs=STRENGTHS if count < MANY else STRENGTHS[::2],
        l1_ratios=(0,),
        cv=inner,
        scoring="neg_log_loss",
        max_iter=1000,
        use_legacy_attributes=False,
    )
    return make_pipeline(StandardScaler(), model)


def fixed_boosting(count: int) -> GradientBoostingClassifier:
    """Small trees, slowly: some hundred customers bear no more. The values are usual ones, and not searched for."""
    return GradientBoostingClassifier(
        n_estimators=150,
        learning_rate=0.05,
        max_depth=2,
        min_samples_leaf=10,
        subsample=0.7,
        max_features=0.5,
        random_state=SEED,
    )


class TunedBoosting:
    """Gradient boosting whose depth and number of trees are found by inner cross-validation, by the log loss."""

    def __init__(self, count: int) -> None:
        self.many = count >= MANY

    def fit(self, columns: numpy.ndarray, labels: numpy.ndarray) -> TunedBoosting:
        if self.many:
            self.model: Any = HistGradientBoostingClassifier(
                learning_rate=SHRINKAGE, max_leaf_nodes=12, l2_regularization=1.0, max_iter=400,
                early_stopping=True, validation_fraction=0.15, n_iter_no_change=20, random_state=SEED,
            )  # fmt: skip
            self.model.fit(columns, labels)
            return self
        losses = {depth: self.inner_losses(depth, columns, labels) for depth in DEPTHS}
        depth = min(losses, key=lambda one: float(losses[one].min()))
        self.model = small_trees(depth, int(losses[depth].argmin()) + 1).fit(columns, labels)
        return self

    def inner_losses(self, depth: int, columns: numpy.ndarray, labels: numpy.ndarray) -> numpy.ndarray:
        """[trees]: the mean log loss on the inner folds after each tree."""
        inner = StratifiedKFold(INNER_PARTS, shuffle=True, random_state=SEED)
        total = numpy.zeros(MOST_TREES)
        for train, test in inner.split(columns, labels):
            model = small_trees(depth, MOST_TREES).fit(columns[train], labels[train])
            stages = model.staged_predict_proba(columns[test])
            total += [log_loss(labels[test], chances[:, 1], labels=[0, 1]) for chances in stages]
        return total

    def predict_proba(self, columns: numpy.ndarray) -> numpy.ndarray:
        return self.model.predict_proba(columns)


def small_trees(depth: int, trees: int) -> GradientBoostingClassifier:
    return GradientBoostingClassifier(
        n_estimators=trees, learning_rate=SHRINKAGE, max_depth=depth, min_samples_leaf=5, subsample=0.7,
        max_features="sqrt", random_state=SEED,
    )  # fmt: skip


CLASSIFIERS = {"LR": logistic_regression, "GB": fixed_boosting, "tuned GB": TunedBoosting}


def chances(
    classifier: str, columns: numpy.ndarray, labels: numpy.ndarray, train: numpy.ndarray, test: numpy.ndarray
) -> numpy.ndarray:
    """The probabilities for `test` of a classifier that saw `train` alone."""
    model = CLASSIFIERS[classifier](len(train))
    model.fit(columns[train], labels[train])
    return model.predict_proba(columns[test])[:, 1]


def judge(
    classifier: str, columns: numpy.ndarray, labels: numpy.ndarray, train: numpy.ndarray, test: numpy.ndarray
) -> float:
    """The AUC on `test` of a classifier that saw `train` alone."""
    return float(roc_auc_score(labels[test], chances(classifier, columns, labels, train, test)))
