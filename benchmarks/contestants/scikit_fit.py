"""scikit-learn: MLPClassifier.fit, going on from parameters that it is given."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.workloads import flat


class Training:
    """Plain gradient descent; it keeps each epoch's loss, and shuffles by itself."""

    def __init__(self, workload):
        if workload.loss == "squared_error":
            raise ValueError("a classifier of scikit-learn has a cross-entropy as loss")
        self.workload = workload
        many = workload.loss == "cross_entropy"
        self.labels = (
            workload.t.argmax(axis=1) if many else workload.t[:, 0].astype(int)
        )
        self.model = MLPClassifier(
            workload.sizes[1:-1],
            activation="logistic",
            solver="sgd",
            alpha=0.0,
            learning_rate_init=workload.learning_rate,
            momentum=0.0,
            nesterovs_momentum=False,
            tol=0.0,
            n_iter_no_change=10**6,
            random_state=0,
            warm_start=True,
        )
        self.fit(workload.x, self.labels, 1)

    def fit(self, x, labels, epochs):
        batch_size = min(self.workload.batch_size, len(x))
        self.model.set_params(max_iter=epochs, batch_size=batch_size)
        with warnings.catch_warnings():
            # It says that it has not converged, as was asked of it.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.model.fit(x, labels)

    def begin(self):
        pairs = self.workload.layers(self.workload.start)
        self.model.coefs_ = [w.copy() for w, _ in pairs]
        self.model.intercepts_ = [b.copy() for _, b in pairs]

    def run(self, epochs):
        self.begin()
        self.fit(self.workload.x, self.labels, epochs)

    def answers(self):
        # One step, with a batch that holds every class
        self.begin()
        rows = self.workload.batches[0]
        self.fit(self.workload.x[rows], self.labels[rows], 1)
        moved = flat(zip(self.model.coefs_, self.model.intercepts_))
        gradient = (self.workload.start - moved) / self.workload.learning_rate
        return {"loss": np.array(self.model.loss_curve_[-1]), "gradient": gradient}
