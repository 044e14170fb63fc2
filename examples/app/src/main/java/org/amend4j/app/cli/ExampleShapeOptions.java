/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.amend4j.data.NetworkInput;
import org.amend4j.data.PictureShape.Order;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How large an example is, where a model does not say. */
final class ExampleShapeOptions {

    @Option(
            names = "--side",
            paramLabel = "PIXELS",
            description =
                    "Height and width of pictures, for memory and multiplications (default: what the model says).")
    private @Nullable Integer side;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Length of sequences, for memory and multiplications (default: not known).")
    private @Nullable Integer steps;

    /** @throws BadInputException if a value breaks its rule */
    void check() {
        if (side != null) {
            OptionRules.atLeast(1, "--side", side);
        }
        if (steps != null) {
            OptionRules.atLeast(1, "--steps", steps);
        }
    }

    /** What helps where something is not known. */
    String hint() {
        return side == null && steps == null
                ? "  --side says how large pictures are, --steps how long sequences are"
                : "";
    }

    /** The types of a network's inputs; none if they are not known from model and options. */
    InputType[] types(ComputationGraphConfiguration network) {
        List<String> inputs = network.getNetworkInputs();
        Optional<InputType> type =
                inputs.size() == 1 ? sequence(network, inputs.get(0)).or(() -> plain(network)) : Optional.empty();
        return type.map(one -> new InputType[] {one}).orElseGet(() -> new InputType[0]);
    }

    private Optional<InputType> sequence(ComputationGraphConfiguration network, String input) {
        if (steps == null) {
            return Optional.empty();
        }
        long length = steps;
        return GraphLayers.vertices(network).stream()
                .filter(name ->
                        network.getVertexInputs().getOrDefault(name, List.of()).contains(input))
                .flatMap(name -> GraphLayers.layer(network, name).stream())
                .map(Unfrozen::of)
                .filter(LayerKinds::readsSequences)
                .findFirst()
                .map(layer -> InputType.recurrent(LayerKinds.width(layer), length, order(layer)));
    }

    private static RNNFormat order(Layer layer) {
        return LayerKinds.sequenceOrder(layer).orElse(RNNFormat.NCW);
    }

    private Optional<InputType> plain(ComputationGraphConfiguration network) {
        try {
            NetworkInput input = NetworkInput.of(network);
            return input instanceof NetworkInput.Rows rows
                    ? columns(rows).map(InputType::feedForward)
                    : pictures((NetworkInput.Pictures) input);
        } catch (BadInputException neither) { // sequences, or nothing with weights
            return Optional.empty();
        }
    }

    /** One for each step where the model takes sequences of any length. */
    private Optional<Long> columns(NetworkInput.Rows rows) {
        return rows.columns() > 0
                ? Optional.of(rows.columns())
                : Optional.ofNullable(steps).map(Integer::longValue);
    }

    private Optional<InputType> pictures(NetworkInput.Pictures pictures) {
        long pixels = side != null ? side : pictures.side();
        if (pixels < 1) {
            return Optional.empty();
        }
        return Optional.of(
                pictures.order() == Order.FLAT
                        ? InputType.convolutionalFlat(pixels, pixels, pictures.channels())
                        : InputType.convolutional(
                                pixels,
                                pixels,
                                pictures.channels(),
                                pictures.order() == Order.NCHW ? CNN2DFormat.NCHW : CNN2DFormat.NHWC));
    }
}
