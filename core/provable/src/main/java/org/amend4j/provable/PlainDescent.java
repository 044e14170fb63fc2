/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.LayerWrapper;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.model.NormClipVertex;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Refuses, by name, settings that make a step anything but plain gradient descent in double precision on a sum over
 * records. What changes the loss itself (dropout, regularisation, batch statistics) is refused where the objective is made.
 */
final class PlainDescent {

    private static final Set<Class<? extends GraphVertex>> RECORD_WISE = Set.of(
            AttentionVertex.class,
            DuplicateToTimeSeriesVertex.class,
            ElementWiseVertex.class,
            L2NormalizeVertex.class,
            L2Vertex.class,
            LastTimeStepVertex.class,
            MergeVertex.class,
            NormClipVertex.class,
            PoolHelperVertex.class,
            PreprocessorVertex.class,
            ReverseTimeSeriesVertex.class,
            ScaleVertex.class,
            ShiftVertex.class,
            SubsetVertex.class);

    private PlainDescent() {}

    /**
     * Checks a graph.
     *
     * @return what was overlooked because the caller said so
     * @throws IllegalArgumentException naming the layer or vertex in the way
     */
    static List<String> require(TrainedPart part, boolean ignoreUpdater) {
        ComputationGraph graph = part.graph();
        DataType type = graph.getConfiguration().getDataType();
        if (type != DataType.DOUBLE) {
            throw new IllegalArgumentException("a network to be unlearned from must be DOUBLE, got " + type
                    + ": rounding in lower precision exceeds the bounds");
        }
        List<String> overlooked = new ArrayList<>();
        for (String name : part.vertices()) {
            requireRecordWise(name, part.vertex(name));
        }
        for (String name : part.names()) {
            Layer layer = part.layer(name)
                    .orElseThrow(() -> new IllegalArgumentException("vertex '" + name
                            + "' trains parameters without being a layer: freeze it as part of a base model"));
            requirePlain(name, layer);
            for (String key : graph.getVertex(name).paramTable(false).keySet()) {
                IUpdater updater = layer.getUpdaterByParam(key);
                if (hasState(updater) && !ignoreUpdater) {
                    throw new NotProvedException(
                            "layer '" + name + "' has the updater "
                                    + updater.getClass().getSimpleName()
                                    + ", whose state carries deleted records along: use Sgd, or say that plain descent is"
                                    + " run",
                            EnablingOption.PLAIN_DESCENT);
                }
                if (hasState(updater)) {
                    overlooked.add("layer '" + name + "' has the updater "
                            + updater.getClass().getSimpleName() + ", which is not used: descent is plain");
                }
            }
        }
        return overlooked.stream().distinct().toList();
    }

    private static boolean hasState(IUpdater updater) {
        return updater != null && updater.stateSize(1) > 0;
    }

    private static void requirePlain(String name, Layer layer) {
        GradientNormalization normalisation = layer.getGradientNormalization();
        if (normalisation != null && normalisation != GradientNormalization.None) {
            throw new IllegalArgumentException("layer '" + name + "' has the gradient normalisation " + normalisation
                    + ", which leaves a record's share of a step unbounded: clip records' gradients instead");
        }
        if (layer.getConstraints() != null && !layer.getConstraints().isEmpty()) {
            throw new IllegalArgumentException("layer '" + name + "' has constraints " + layer.getConstraints()
                    + ", which are no projection of the recipe's: set radii in the options instead");
        }
    }

    private static void requireRecordWise(String name, GraphVertex vertex) {
        if (vertex instanceof LayerVertex layerVertex) {
            requireOurs(name, layerVertex.getLayerConf().getLayer());
            if (layerVertex.getPreProcessor() != null) {
                requireOurClass(name, layerVertex.getPreProcessor());
            }
        } else if (!RECORD_WISE.contains(vertex.getClass()) || worksAlongRecords(vertex)) {
            throw refused(name, vertex);
        }
    }

    private static boolean worksAlongRecords(GraphVertex vertex) {
        if (vertex instanceof L2NormalizeVertex normalize && normalize.getDimension() != null) {
            return Arrays.stream(normalize.getDimension()).anyMatch(dimension -> dimension <= 0);
        }
        return vertex instanceof MergeVertex merge && merge.getMergeAxis() == 0;
    }

    private static void requireOurs(String name, Layer layer) {
        if (LayerKinds.denseForm(layer).isEmpty()) {
            requireOurClass(name, layer);
        }
        Wrappers.inside(layer).forEach(inside -> requireOurs(name, inside));
    }

    /**
     * Deeplearning4j's own layers treat each record by itself, except for batch statistics. So do layers with a kind that says what they
     * compute. Any other layer may do anything.
     */
    private static void requireOurClass(String name, Object part) {
        String type = part.getClass().getName();
        if (!type.startsWith("org.deeplearning4j.") && !type.startsWith("org.amend4j.lora.")) {
            throw refused(name, part);
        }
        if (part instanceof LayerWrapper<?> wrapper && wrapper.inner() instanceof InputPreProcessor inner) {
            requireOurClass(name, inner);
        }
    }

    private static IllegalArgumentException refused(String name, Object part) {
        return new IllegalArgumentException(
                "every vertex must process each record independently, which is not known of vertex '" + name + "' ("
                        + part.getClass().getSimpleName() + ")");
    }
}
