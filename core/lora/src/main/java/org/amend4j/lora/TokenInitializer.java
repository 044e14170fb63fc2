/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.network.TrainsTokens;
import org.amend4j.lora.config.AdaptedTokens;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer's part of the parameter vector as rows of trained tokens, in C order: the bytes of PEFT's tensor. */
final class TokenInitializer implements ParamInitializer {

    static final TokenInitializer INSTANCE = new TokenInitializer();

    private TokenInitializer() {}

    private static AdaptedTokens tokens(Layer layer) {
        return ((TrainedTokensLayer) layer).tokens();
    }

    private static INDArray rows(Layer layer, INDArray view) {
        AdaptedTokens tokens = tokens(layer);
        return view.reshape('c', new long[] {tokens.indices().size(), tokens.width()});
    }

    private static Map<String, INDArray> table(INDArray rows) {
        Map<String, INDArray> table = new LinkedHashMap<>();
        table.put(TrainsTokens.ROWS, rows);
        return table;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
        conf.addVariable(TrainsTokens.ROWS);
        INDArray rows = rows(conf.getLayer(), view);
        if (initialize) {
            ((TrainedTokensLayer) conf.getLayer()).start(rows);
        }
        return table(rows);
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        return table(rows(conf.getLayer(), view));
    }

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        return tokens(layer).parameters();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return List.of(TrainsTokens.ROWS);
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return paramKeys(layer);
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return List.of();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return key.equals(TrainsTokens.ROWS);
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return false;
    }
}
