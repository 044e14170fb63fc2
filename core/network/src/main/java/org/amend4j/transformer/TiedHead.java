/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import org.amend4j.network.ChangesGradients;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Makes a head that has a copy of the table train as if it were the table: the table gets the sum of both gradients and the head none;
 * after the step the head is copied again. So the table's step, its norm and its optimizer's memory are those of one array.
 *
 * <p>Deeplearning4j gives every layer a part of the parameter vector that no other has, and its updaters and files take the
 * layers' parts one after the other: an array of two layers has no place there.
 */
final class TiedHead extends BaseTrainingListener implements ChangesGradients {

    @Override
    public String how() {
        return "its head and its table of words are one array";
    }

    /** Both in one order: the table is [vocabulary, d], the head [d, vocabulary] in Fortran order. */
    @Override
    public void onGradientCalculation(Model model) {
        INDArray ofHead = gradient(model, DecoderGraph.HEAD);
        gradient(model, DecoderGraph.EMBEDDING).addi(ofHead);
        ofHead.assign(0);
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        ComputationGraph graph = (ComputationGraph) model;
        graph.getLayer(DecoderGraph.HEAD)
                .params()
                .assign(graph.getLayer(DecoderGraph.EMBEDDING).params());
    }

    private static INDArray gradient(Model model, String layer) {
        return ((ComputationGraph) model).getLayer(layer).getGradientsViewArray();
    }
}
