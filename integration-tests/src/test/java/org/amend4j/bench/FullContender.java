/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import org.amend4j.integration.DenseNetworks;
import org.amend4j.integration.LoraProblem;
import org.amend4j.integration.UpdateRule;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.DataSet;

/** Deeplearning4j training every weight of the same base network. */
final class FullContender {

    private FullContender() {}

    static Contender of(LoraProblem problem, UpdateRule rule, double learningRate) {
        ComputationGraph graph = DenseNetworks.base(problem, DenseNetworks.updater(rule, learningRate));
        DataSet batch = DenseNetworks.batch(problem);
        return new Contender(DenseBenchmark.FULL, () -> graph.fit(batch), graph::close);
    }
}
