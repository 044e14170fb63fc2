/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Map;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.EmptyParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a layer without parameters that leaves its input intact for other readers. Deeplearning4j's own layers
 * overwrite it: a loss where its activation's derivative goes, so that the score after it is another; an activation in test
 * mode; a dropout layer that does nothing but mask.
 */
public final class SharedInputLayer extends WrappedLayer {

    private static final long serialVersionUID = 1L;

    /** @param layer the stock configuration, of a kind for which {@link #serves} holds */
    public SharedInputLayer(@JsonProperty("layer") Layer layer) {
        super(layer, false);
        if (!serves(layer)) {
            throw new IllegalArgumentException("a layer of this kind leaves its input alone, got " + layer);
        }
    }

    /** Whether this class can stand in for a stock layer. */
    public static boolean serves(Layer layer) {
        return LayerKinds.of(layer)
                .filter(known -> known.kind().runsOnSharedInput())
                .isPresent();
    }

    @Override
    protected org.deeplearning4j.nn.api.Layer create(NeuralNetConfiguration conf, DataType type) {
        return LayerKinds.of(getLayer()).orElseThrow().onSharedInput(conf, type);
    }

    /** A loss that computes its gradient from a copy of its input. */
    public static org.deeplearning4j.nn.api.Layer loss(Layer layer, NeuralNetConfiguration conf, DataType type) {
        return withoutParameters(new Loss(around(layer, conf), type));
    }

    /** A layer that masks a copy of its input. */
    public static org.deeplearning4j.nn.api.Layer mask(Layer layer, NeuralNetConfiguration conf, DataType type) {
        return withoutParameters(new Mask(around(layer, conf), type));
    }

    private static NeuralNetConfiguration around(Layer layer, NeuralNetConfiguration conf) {
        NeuralNetConfiguration stock = Configurations.copy(conf);
        stock.setLayer(layer);
        return stock;
    }

    private static org.deeplearning4j.nn.api.Layer withoutParameters(org.deeplearning4j.nn.api.Layer layer) {
        layer.setParamTable(Map.of());
        return layer;
    }

    @Override
    public ParamInitializer initializer() {
        return EmptyParamInitializer.getInstance();
    }

    /** Computes its gradient from a copy of its input. */
    private static final class Loss extends org.deeplearning4j.nn.layers.LossLayer {

        private static final long serialVersionUID = 1L;

        Loss(NeuralNetConfiguration conf, DataType type) {
            super(conf, type);
        }

        @Override
        public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
            INDArray shared = input;
            input = workspaces.dup(ArrayType.BP_WORKING_MEM, shared, shared.ordering());
            try {
                return super.backpropGradient(epsilon, workspaces);
            } finally {
                input = shared;
            }
        }
    }

    /** Masks a copy of its input. */
    private static final class Mask extends org.deeplearning4j.nn.layers.DropoutLayer {

        private static final long serialVersionUID = 1L;

        Mask(NeuralNetConfiguration conf, DataType type) {
            super(conf, type);
        }

        @Override
        public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
            if (maskArray == null) {
                return super.activate(training, workspaces);
            }
            INDArray shared = input;
            input = workspaces.dup(ArrayType.ACTIVATIONS, shared, shared.ordering());
            try {
                return super.activate(training, workspaces);
            } finally {
                input = shared;
            }
        }
    }
}
