/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import org.amend4j.machine.OptimizerKernels;

/** A rule for steps. */
public sealed interface UpdateRule {

    /** Of every step. */
    LearningRate rate();

    /** Plain gradient descent. */
    record Sgd(LearningRate rate) implements UpdateRule {}

    /** Adam (Kingma and Ba, arXiv 1412.6980) with bias correction. */
    record Adam(LearningRate rate, OptimizerKernels.Adam settings) implements UpdateRule {}
}
