/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.TrainsTokens;
import org.amend4j.lora.config.AdaptedTokens;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of an embedding of a base some rows of which train: only copies of these rows, [tokens, width], are parameters, and a
 * layer looks them up in place of the base's. They start as those. A head that has the embedding's table as its weight has the same rows.
 *
 * <p>The class name, the property names and the order of the rows are Deeplearning4j's file format.
 */
public final class TrainedTokensLayer extends FrozenBaseLayer implements TrainsTokens {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final AdaptedTokens tokens;

    /**
     * Of an embedding; {@linkplain FrozenBaseLayer#FrozenBaseLayer its likes without them} say the rest.
     *
     * @param tokens that train
     */
    public TrainedTokensLayer(
            @JsonProperty("layer") Layer layer,
            @JsonProperty("baseFingerprint") String baseFingerprint,
            @JsonProperty("inputFrozen") boolean inputFrozen,
            @JsonProperty("tokens") AdaptedTokens tokens) {
        super(layer, baseFingerprint, inputFrozen);
        this.tokens = Objects.requireNonNull(tokens, "tokens");
        inheritUpdaterAlone(layer);
    }

    AdaptedTokens tokens() {
        return tokens;
    }

    @Override
    public List<Integer> trainedTokens() {
        return tokens.indices();
    }

    /** Writes the base's rows. */
    void start(INDArray rows) {
        Tokens.start(getLayer(), tokens, openBase().parameters(getLayerName(), rows.dataType()), rows);
    }

    @Override
    protected org.deeplearning4j.nn.api.Layer create(NeuralNetConfiguration conf, DataType type) {
        Tokens.requireTable(getLayer(), tokens);
        return onBase(LayerKinds.of(getLayer()).orElseThrow(), conf, type);
    }

    @Override
    public ParamInitializer initializer() {
        return TokenInitializer.INSTANCE;
    }

    @Override
    protected List<Object> facts() {
        return Stream.concat(super.facts().stream(), Stream.of(tokens)).toList();
    }
}
