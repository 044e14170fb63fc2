/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.network.Table;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Inputs that a network probably takes. Deeplearning4j does not save the types of a network's inputs, so they are found by
 * trying: every kind of input, in every width that the weights above it have, in the usual sizes and then in all up to
 * {@link #LARGEST}, is offered to Deeplearning4j's inference of sizes. The remaining candidates are guesses: the network
 * itself decides.
 */
final class MadeUpInputs {

    private static final long SEED = 20_240_611;

    /** Rows, unless a reshape of the network fixes them. */
    private static final int ROWS = 2;

    /** Heights, widths and lengths in common use, small ones first: they cost less. */
    private static final int[] USUAL = {
        12, 8, 6, 10, 16, 24, 28, 32, 48, 64, 96, 128, 160, 192, 224, 227, 256, 299, 320, 331, 384, 416, 512
    };

    private static final int LARGEST = 300;

    /** More numbers in a row are not tried: a probe is cheap. */
    private static final long LARGEST_ROW = 1 << 22;

    /** Combinations of the inputs of one network that are looked at per size. */
    private static final int COMBINATIONS = 256;

    private final ComputationGraph network;
    private final ComputationGraphConfiguration configuration;
    private final List<Readers> readers;

    MadeUpInputs(ComputationGraph network) {
        this.network = network;
        this.configuration = Configurations.copy(network.getConfiguration());
        this.readers = configuration.getNetworkInputs().stream()
                .map(input -> Readers.of(configuration, input))
                .toList();
    }

    /** One array per input, lazily, the likeliest first. */
    Stream<INDArray[]> likely() {
        return sizes().boxed()
                .flatMap(size -> combinations(size).stream())
                .filter(this::inferred)
                .map(this::arrays);
    }

    private static IntStream sizes() {
        return IntStream.concat(IntStream.of(USUAL), IntStream.rangeClosed(1, LARGEST))
                .distinct();
    }

    /** With the first size all; with others those that have a size, as the rest was there before. */
    private List<List<InputCandidate>> combinations(int size) {
        List<List<InputCandidate>> all = List.of(List.of());
        for (Readers reading : readers) {
            List<InputCandidate> candidates = candidates(reading, size);
            all = all.stream()
                    .flatMap(begun -> candidates.stream()
                            .map(next -> Stream.concat(begun.stream(), Stream.of(next))
                                    .toList()))
                    .limit(COMBINATIONS)
                    .toList();
        }
        return all.stream()
                .filter(chosen -> size == USUAL[0] || anySized(chosen))
                .toList();
    }

    private static boolean anySized(List<InputCandidate> chosen) {
        return chosen.stream().anyMatch(candidate -> dependsOnSize(candidate.type()));
    }

    private static boolean dependsOnSize(InputType type) {
        return type.getType() != InputType.Type.FF;
    }

    private List<InputCandidate> candidates(Readers reading, int size) {
        return reading.table()
                .map(table -> List.of(indices(table, size)))
                .orElseGet(() -> widths(reading).stream()
                        .flatMap(width -> kinds(width, size))
                        .map(InputCandidate::of)
                        .filter(candidate -> candidate.count() <= LARGEST_ROW)
                        .toList());
    }

    private static InputCandidate indices(Table table, int size) {
        if (table.ofSequences()) {
            long length = table.length() > 1 ? table.length() : size;
            return new InputCandidate(
                    InputType.recurrent(table.words(), length),
                    table.masked() ? List.of(2L, length) : List.of(length),
                    table.words());
        }
        return new InputCandidate(InputType.feedForward(table.words()), List.of(1L), table.words());
    }

    private static Stream<InputType> kinds(long width, int size) {
        return Stream.of(
                InputType.feedForward(width),
                InputType.recurrent(width, size, RNNFormat.NCW),
                InputType.recurrent(width, size, RNNFormat.NWC),
                InputType.convolutional(size, size, width, CNN2DFormat.NCHW),
                InputType.convolutional(size, size, width, CNN2DFormat.NHWC),
                InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, size, size, size, width),
                InputType.convolutional3D(Convolution3D.DataFormat.NDHWC, size, size, size, width));
    }

    /** What the preprocessors and layers above say, then every side of the weights there. */
    private Set<Long> widths(Readers reading) {
        Set<Long> widths = new LinkedHashSet<>(reading.widths());
        for (String name : reading.parametrised()) {
            network.getVertex(name).paramTable(false).values().forEach(weights -> {
                for (long side : weights.shape()) {
                    widths.add(side);
                }
            });
        }
        return widths;
    }

    /** Whether Deeplearning4j's inference of sizes, where it knows the layers, comes to the widths of the weights. */
    private boolean inferred(List<InputCandidate> chosen) {
        return InferredSizes.fit(
                configuration, chosen.stream().map(InputCandidate::type).toList());
    }

    private INDArray[] arrays(List<InputCandidate> chosen) {
        Random random = new Random(SEED);
        return chosen.stream()
                .map(candidate -> candidate.rows(rows(), configuration.getDataType(), random))
                .toArray(INDArray[]::new);
    }

    /** A reshape with a fixed number of rows takes no other. */
    private int rows() {
        return configuration.getVertices().values().stream()
                .filter(ReshapeVertex.class::isInstance)
                .mapToInt(vertex -> Objects.requireNonNull(((ReshapeVertex) vertex).getNewShape())[0])
                .filter(rows -> rows > 0)
                .findFirst()
                .orElse(ROWS);
    }
}
