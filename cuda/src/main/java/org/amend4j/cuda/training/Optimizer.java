package org.amend4j.cuda.training;

import org.amend4j.check.Checks;
import org.amend4j.cuda.kernel.OptimizerKernels;

/** A rule for steps, by Deeplearning4j's formulas. */
public sealed interface Optimizer {

    /** Plain gradient descent. */
    record Sgd(double rate) implements Optimizer {
        public Sgd {
            Checks.positive("the learning rate", rate);
        }
    }

    /** Adam (Kingma and Ba, arXiv 1412.6980) with bias correction. */
    record Adam(double rate, OptimizerKernels.Adam settings) implements Optimizer {
        public Adam {
            Checks.positive("the learning rate", rate);
        }
    }
}
