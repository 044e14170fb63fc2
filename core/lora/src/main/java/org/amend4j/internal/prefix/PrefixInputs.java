/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.compiler.Examples;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Network.InputFormat;
import org.amend4j.internal.network.TokenReader;
import org.amend4j.internal.network.TokenSequence;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/**
 * How features become inputs of a plan: images with channels last, words as whole numbers. A machine that computes in the processor's
 * memory reads them there.
 *
 * @param shapes of an example of each input
 */
record PrefixInputs(Machine machine, Network network, ElementType real, List<long[]> shapes) {

    PrefixInputs {
        shapes = List.copyOf(shapes);
    }

    /** Examples on a machine, until they are closed. */
    record Placed(Examples examples, Owned memory) implements AutoCloseable {
        @Override
        public void close() {
            memory.close();
        }
    }

    /** Refuses arrays of other shapes. */
    void check(INDArray... features) {
        if (features.length != shapes.size()) {
            throw new IllegalArgumentException(
                    "the network takes " + shapes.size() + " inputs, got " + features.length);
        }
        for (int k = 0; k < features.length; k++) {
            long[] shape = features[k].shape();
            if (features[k].isEmpty() || !Arrays.equals(LayerPrefix.shapeOfOne(features[k]), shapes.get(k))) {
                throw new IllegalArgumentException("an input must hold at least one example of the shape "
                        + Arrays.toString(shapes.get(k)) + ", got shape " + Arrays.toString(shape));
            }
            if (shape[0] != features[0].size(0)) {
                throw new IllegalArgumentException("all inputs must have the same number of examples, got "
                        + features[0].size(0) + " and " + shape[0]);
            }
        }
    }

    /** Examples that were checked. */
    Placed place(INDArray... features) {
        Owned memory = new Owned();
        try {
            List<MachineArray> placed = new ArrayList<>();
            Map<Integer, int[]> words = new HashMap<>();
            List<TokenSequence> tokens = List.of();
            for (int k = 0; k < features.length; k++) {
                InputFormat format = network.inputs().get(k);
                if (format.content() == Network.Content.TOKENS) {
                    tokens = TokenReader.read(network, 0, features[k]);
                    placed.add(memory.add(machine.allocateBriefly("tokens", ElementType.INT, 0)));
                } else if (format.content() == Network.Content.WORDS) {
                    words.put(k, network.words(k, floats(features[k])));
                    placed.add(memory.add(machine.allocateBriefly("words", words.get(k))));
                } else {
                    placed.add(memory.add(numbers(format.channelsFirst() ? channelsLast(features[k]) : features[k])));
                }
            }
            int examples = Math.toIntExact(features[0].size(0));
            return new Placed(
                    new Examples(examples, placed, List.of(), Optional.empty(), Optional.empty(), words, tokens),
                    memory);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    private static float[] floats(INDArray array) {
        return array.castTo(DataType.FLOAT).dup('c').data().asFloat();
    }

    /** Of images, or of sequences. */
    private static INDArray channelsLast(INDArray array) {
        return array.rank() == 3 ? array.permute(0, 2, 1) : array.permute(0, 2, 3, 1);
    }

    private MachineArray numbers(INDArray features) {
        INDArray there = features.castTo(real == ElementType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT);
        INDArray inOrder = isGapless(there) ? there : there.dup('c');
        return machine.adopt("features", real, inOrder.length(), ArrayMemory.address(inOrder), inOrder)
                .orElseGet(() -> {
                    MachineArray array = machine.allocateBriefly("features", real, inOrder.length());
                    machine.upload(ArrayMemory.of(inOrder), array);
                    return array;
                });
    }

    private static boolean isGapless(INDArray array) {
        return array.ordering() == 'c' && Shape.hasDefaultStridesForShape(array);
    }
}
