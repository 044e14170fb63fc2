/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.text.Article;
import org.amend4j.model.TorchLayer;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Everything that is known about one kind of layer, in one place: what it computes, which matrix an adapter adds to, what it
 * multiplies, what runs on a base's weights, what bounds on its derivatives rest on, and what its parameters are called elsewhere. A
 * kind is identified by its exact configuration class: a subclass may compute something else, and is a kind of its own or none.
 *
 * <p>A method that is not overridden means "not known": callers then leave the layer to Deeplearning4j or refuse it by name.
 * Kinds are found as services of this type, or {@linkplain LayerKinds#add added}. They are stateless.
 *
 * @param <L> the configuration
 */
public interface LayerKind<L extends Layer> {

    /** The configuration class. */
    Class<L> configuration();

    /**
     * Appends what a layer computes.
     *
     * @return the node of its result
     * @throws UnsupportedNetworkException if it cannot be said in operations
     */
    default int read(LayerReading<L> reading) {
        throw reading.unsupported("is " + Article.before(configuration().getSimpleName()));
    }

    /** The table it looks rows up in, if the numbers it reads are rows and not quantities. */
    default Optional<Table> table(L layer) {
        return Optional.empty();
    }

    /** Whether its weight, [d, tokens], can be an embedding's table, so that tokens that train of it have rows here, too. */
    default boolean sharesTables() {
        return false;
    }

    /** Features it was built to read, or 0 if it does not say. Layers with Deeplearning4j's {@code nIn} need not be asked. */
    default long width(L layer) {
        return 0;
    }

    /** Whether it reads sequences. Deeplearning4j's recurrent layers need not be asked. */
    default boolean readsSequences() {
        return false;
    }

    /** The one order of dimensions that its sequences may have, if Deeplearning4j's inference of sizes does not see to it. */
    default Optional<RNNFormat> sequenceOrder(L layer) {
        return Optional.empty();
    }

    /** Its activation function. Layers with Deeplearning4j's setting of that name need not be asked. */
    default Optional<IActivation> activation(L layer) {
        return Optional.empty();
    }

    /** Why its loss has no gradient that is a sum over examples: the end of a sentence after its name. */
    default Optional<String> gradientObstacle() {
        return Optional.empty();
    }

    /** What Deeplearning4j does wrong with its labels: the end of a sentence after its name. */
    default Optional<String> labelFault(L layer) {
        return Optional.empty();
    }

    /** Whether Deeplearning4j's own layer overwrites its input in test mode. */
    default boolean overwritesInput() {
        return false;
    }

    /** Whether it reads rows of features, each by itself. */
    default boolean readsRows() {
        return false;
    }

    /** Whether {@link #read} also takes sequences, their steps being the pixels. */
    default boolean readsSteps() {
        return false;
    }

    /** Whether {@link #read} also takes a row for every token of an example, however many these are. */
    default boolean readsTokenRows() {
        return false;
    }

    /** Whether it can go through sequences step by step: it sees no later step, and its memory, if it has one, can be taken and set. */
    default boolean isStepwise(L layer) {
        return false;
    }

    /** Whether Deeplearning4j's own layer treats each example by itself in test mode, so that a batch may be cut. */
    default boolean isExampleWise() {
        return false;
    }

    /** Where the channels of its images are, if it says so: true if they come before height and width. */
    default Optional<Boolean> channelsFirst(L layer) {
        return Optional.empty();
    }

    /** Whether training mixes the examples of a batch, as normalising by its statistics does. */
    default boolean mixesExamples() {
        return false;
    }

    /**
     * What bounds of its derivatives rest on, for descent whose steps are proved; empty if they are not known. What a kind says here
     * ends up in certificates.
     */
    default Optional<DenseForm> denseForm(L layer) {
        return Optional.empty();
    }

    /**
     * The weight {@code W} of a layer whose adapter works on its input, {@code xW + s·(xA)B}, in the layer that {@link #onBase} makes;
     * empty if there is no such layer.
     */
    default Optional<WeightMatrix> weight(L layer) {
        return Optional.empty();
    }

    /**
     * Every weight an adapter can add to, by Deeplearning4j's key and in its order; none if layers like this one cannot have an
     * adapter. Where {@link #weight} is empty, Deeplearning4j's own layer computes with {@code W + s·A·B} in place of W.
     */
    default Map<String, WeightMatrix> weights(L layer) {
        return weight(layer)
                .map(weight -> Map.of(DefaultParamInitializer.WEIGHT_KEY, weight))
                .orElse(Map.of());
    }

    /**
     * The products that one example takes; empty if they are not known, or cannot be counted for these types. A layer whose adapter
     * works on its input makes one row at each place of its output.
     *
     * @param from what it reads of an example
     * @param to what it puts out
     */
    default Optional<ExampleProducts> products(L layer, InputType from, InputType to) {
        return weight(layer)
                .flatMap(weight -> ExampleProducts.at(to, weights(layer).keySet()));
    }

    /**
     * What it puts out of an example, where Deeplearning4j infers something else.
     *
     * @param from what it reads
     * @param inferred what Deeplearning4j says
     */
    default InputType output(L layer, InputType from, InputType inferred) {
        return inferred;
    }

    /** Keys of the biases that adapters may train too. */
    default List<String> biases(L layer) {
        return layer.initializer().biasKeys(layer);
    }

    /** Whether {@link #onBase} has a layer of its own for it, so that it is not left to Deeplearning4j's. */
    default boolean runsOnBase(L layer) {
        return weight(layer).isPresent();
    }

    /**
     * A layer that runs on the weights of a base model, and has the adapter's factors as its parameters if its configuration is a
     * {@link HasAdapter}.
     *
     * @param layer for which {@link #runsOnBase} holds
     * @param conf whose layer is the one around the stock layer
     * @param weights of the base, by Deeplearning4j's keys; not to be changed
     */
    default org.deeplearning4j.nn.api.Layer onBase(
            L layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        throw new IllegalStateException(configuration().getName() + " has no layer of its own");
    }

    /** Whether {@link #onSharedInput} has a layer for it. */
    default boolean runsOnSharedInput() {
        return false;
    }

    /**
     * A layer without parameters that leaves its input as it is for other readers, where Deeplearning4j's own overwrites it.
     *
     * @param conf whose layer is the one around the stock layer
     */
    default org.deeplearning4j.nn.api.Layer onSharedInput(L layer, NeuralNetConfiguration conf, DataType type) {
        throw new IllegalStateException(configuration().getName() + " has no layer for shared inputs");
    }

    /** Whether {@link #frozenSequence} has a layer for it. */
    default boolean runsAsFrozenSequence(L layer) {
        return false;
    }

    /**
     * A layer of a base over sequences, recurrent or an attention, or one around such, that hands its input's gradient down and computes no other.
     *
     * @param layer for which {@link #runsAsFrozenSequence} holds
     * @param parameters of the base, in Deeplearning4j's order
     */
    default org.deeplearning4j.nn.api.Layer frozenSequence(L layer, FrozenSequences sequences, INDArray parameters) {
        throw new IllegalStateException(configuration().getName() + " has no frozen sequence");
    }

    /** Which layer of PyTorch has the same parameters: how they are written into files that PEFT reads. */
    default TorchLayer torch(L layer) {
        return TorchLayer.OTHER;
    }
}
