"""The classifiers that stand on either side, the same for the features and for the bespoke models."""

from __future__ import annotations

import numpy
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 1
INNER_FOLDS = 5
STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""The logistic regression's inverse penalties, of which each fold chooses one within its training customers."""


def logistic_regression() -> Pipeline:
    """Standardised columns, ridge penalty chosen by inner cross-validation."""
    inner = StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=SEED)
    model = LogisticRegressionCV(
        Cs=STRENGTHS,
        l1_ratios=(0,),
        cv=inner,
        scoring="neg_log_loss",
        max_iter=1000,
        use_legacy_attributes=False,
    )
    return make_pipeline(StandardScaler(), model)


def gradient_boosting() -> GradientBoostingClassifier:
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


CLASSIFIERS = {"LR": logistic_regression, "GB": gradient_boosting}


def judge(
    classifier: str, columns: numpy.ndarray, labels: numpy.ndarray, train: numpy.ndarray, test: numpy.ndarray
) -> float:
    """The AUC on `test` of a classifier that saw `train` alone."""
    model = CLASSIFIERS[classifier]()
    model.fit(columns[train], labels[train])
    return float(roc_auc_score(labels[test], model.predict_proba(columns[test])[:, 1]))
