/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import java.util.List;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.Unfrozen;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Graphs in which no activation changes what another vertex reads. In test mode Deeplearning4j's activation layer writes over its
 * input: what is computed after it from the same array sees the result, and so does the caller, whose features they are. In training
 * mode it does not, so that {@code output} is not what {@code fit} trained.
 */
final class IntactInputs {

    private final ComputationGraphConfiguration configuration;

    private IntactInputs(ComputationGraphConfiguration configuration) {
        this.configuration = configuration;
    }

    /** A graph on the same parameters in which such layers write over a copy; the graph itself if it has none of them. */
    static ComputationGraph of(ComputationGraph network) {
        IntactInputs inputs = new IntactInputs(network.getConfiguration());
        List<String> overwriting = network.getConfiguration().getVertices().keySet().stream()
                .filter(inputs::overwritesShared)
                .toList();
        if (overwriting.isEmpty()) {
            return network;
        }
        ComputationGraph intact = new ComputationGraph(Configurations.copy(network.getConfiguration()));
        intact.init(network.params(), false);
        intact.setListeners(network.getListeners());
        for (String name : overwriting) {
            if (intact.getVertex(name) instanceof org.deeplearning4j.nn.graph.vertex.impl.LayerVertex vertex) {
                vertex.setLayer(new OnACopy(vertex.getLayer()));
            }
        }
        return intact;
    }

    private boolean overwritesShared(String name) {
        return configuration.getVertices().get(name) instanceof LayerVertex vertex
                && overwrites(Unfrozen.of(vertex.getLayerConf().getLayer()))
                && inputs(name).stream().anyMatch(this::isShared);
    }

    private static boolean overwrites(org.deeplearning4j.nn.conf.layers.Layer layer) {
        return layer instanceof ActivationLayer || layer instanceof PReLULayer;
    }

    private List<String> inputs(String vertex) {
        return configuration.getVertexInputs().getOrDefault(vertex, List.of());
    }

    /** Whether an array may be somebody else's, too: vertices without parameters may hand on what they read. */
    private boolean isShared(String vertex) {
        if (configuration.getNetworkInputs().contains(vertex)
                || configuration.getNetworkOutputs().contains(vertex)
                || readers(vertex) > 1) {
            return true;
        }
        GraphVertex found = configuration.getVertices().get(vertex);
        return found != null
                && found.numParams(false) == 0
                && inputs(vertex).stream().anyMatch(this::isShared);
    }

    private long readers(String vertex) {
        return configuration.getVertexInputs().values().stream()
                .filter(read -> read.contains(vertex))
                .count();
    }

    /** A layer that computes from a copy of its input. */
    private static final class OnACopy extends BaseWrapperLayer {

        private static final long serialVersionUID = 1L;

        OnACopy(Layer layer) {
            super(layer);
        }

        @Override
        public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
            INDArray shared = underlying.input();
            underlying.setInput(workspaces.dup(ArrayType.ACTIVATIONS, shared, shared.ordering()), workspaces);
            try {
                return underlying.activate(training, workspaces);
            } finally {
                underlying.setInput(shared, workspaces);
            }
        }

        @Override
        public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaces) {
            setInput(input, workspaces);
            return activate(training, workspaces);
        }
    }
}
