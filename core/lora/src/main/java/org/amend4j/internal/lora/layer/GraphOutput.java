/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** What Deeplearning4j asks of an output layer that is always part of a graph. */
public interface GraphOutput extends IOutputLayer {

    @Override
    default double f1Score(DataSet data) {
        return f1Score(data.getFeatures(), data.getLabels());
    }

    @Override
    default double f1Score(INDArray examples, INDArray expected) {
        Evaluation evaluation = new Evaluation();
        evaluation.eval(expected, activate(examples, false, LayerWorkspaceMgr.noWorkspacesImmutable()));
        return evaluation.f1();
    }

    @Override
    default int[] predict(INDArray examples) {
        return activate(examples, false, LayerWorkspaceMgr.noWorkspacesImmutable())
                .argMax(1)
                .toIntVector();
    }

    @Override
    default List<String> predict(DataSet data) {
        return Arrays.stream(predict(data.getFeatures()))
                .mapToObj(data::getLabelName)
                .toList();
    }

    @Override
    default void fit(DataSetIterator data) {
        throw trainedAlone();
    }

    @Override
    default void fit(INDArray examples, INDArray expected) {
        throw trainedAlone();
    }

    @Override
    default void fit(DataSet data) {
        throw trainedAlone();
    }

    @Override
    default void fit(INDArray examples, int[] expected) {
        throw trainedAlone();
    }

    private UnsupportedOperationException trainedAlone() {
        return new UnsupportedOperationException("a layer is trained as part of its graph, not alone (layer '"
                + conf().getLayer().getLayerName() + "')");
    }
}
