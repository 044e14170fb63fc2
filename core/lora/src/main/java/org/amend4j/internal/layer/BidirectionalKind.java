/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.lora.sequence.RunningSequences;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.FrozenSequences;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.layers.recurrent.BidirectionalLayer;
import org.deeplearning4j.nn.params.BidirectionalParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A recurrent layer in each direction of time. */
public final class BidirectionalKind implements LayerKind<Bidirectional> {

    @Override
    public Class<Bidirectional> configuration() {
        return Bidirectional.class;
    }

    @Override
    public List<String> biases(Bidirectional layer) {
        return Stream.concat(
                        LayerKinds.biases(layer.getFwd()).stream()
                                .map(key -> BidirectionalParamInitializer.FORWARD_PREFIX + key),
                        LayerKinds.biases(layer.getBwd()).stream()
                                .map(key -> BidirectionalParamInitializer.BACKWARD_PREFIX + key))
                .toList();
    }

    @Override
    public Map<String, WeightMatrix> weights(Bidirectional layer) {
        return new Weights()
                .of(BidirectionalParamInitializer.FORWARD_PREFIX, layer.getFwd())
                .of(BidirectionalParamInitializer.BACKWARD_PREFIX, layer.getBwd())
                .all();
    }

    @Override
    public Optional<ExampleProducts> products(Bidirectional layer, InputType from, InputType to) {
        Optional<ExampleProducts> back = LayerKinds.products(layer.getBwd(), from, to)
                .map(products -> products.withPrefix(BidirectionalParamInitializer.BACKWARD_PREFIX));
        return LayerKinds.products(layer.getFwd(), from, to)
                .map(products -> products.withPrefix(BidirectionalParamInitializer.FORWARD_PREFIX))
                .flatMap(forth -> back.map(forth::plus));
    }

    @Override
    public boolean readsSequences() {
        return true;
    }

    @Override
    public boolean runsAsFrozenSequence(Bidirectional layer) {
        return RunningSequences.serves(layer.getFwd()) && RunningSequences.serves(layer.getBwd());
    }

    @Override
    public Layer frozenSequence(Bidirectional layer, FrozenSequences sequences, INDArray parameters) {
        INDArray vector = parameters.reshape(new long[] {parameters.length()});
        long half = vector.length() / 2;
        return new BidirectionalLayer(
                sequences.conf(layer),
                sequences.inside(layer.getFwd(), vector.get(NDArrayIndex.interval(0, half))),
                sequences.inside(layer.getBwd(), vector.get(NDArrayIndex.interval(half, 2 * half))),
                parameters);
    }
}
