/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import org.amend4j.internal.backend.OptimizerKernels;

/** A rule for steps. */
sealed interface UpdateRule {

    /** Of every step. */
    LearningRate rate();

    /** Plain gradient descent. */
    record Sgd(LearningRate rate) implements UpdateRule {}

    /** Adam (Kingma and Ba, arXiv 1412.6980) with bias correction. */
    record Adam(LearningRate rate, OptimizerKernels.Adam settings) implements UpdateRule {}
}
