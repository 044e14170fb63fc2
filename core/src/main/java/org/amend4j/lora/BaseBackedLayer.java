package org.amend4j.lora;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.nd4j.linalg.api.buffer.DataType;

/** A running layer of a {@link WrappedLayer} configuration. */
abstract class BaseBackedLayer extends BaseLayer<WrappedLayer> {

    private static final long serialVersionUID = 1L;

    BaseBackedLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public boolean hasBias() {
        return false;
    }

    @Override
    public Layer clone() {
        throw new UnsupportedOperationException("layers are rebuilt from their configuration, not cloned " + layerId());
    }
}
