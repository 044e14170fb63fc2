/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.IntStream;
import org.amend4j.safetensors.SafetensorsFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a peer computed, beside the folder of what computed it, compared with what a graph computes here. */
final class PeerArrays {

    /**
     * Of the largest number. Three layers of products of up to 40 terms in single precision, some 20 products one after the other, each
     * rounded by 2⁻²⁴ of what it adds up, which cancels in part.
     */
    private static final double TOLERANCE = 1e-5;

    private PeerArrays() {}

    static void assertSame(Path folder, ComputationGraph graph) throws IOException {
        try (SafetensorsFile file =
                SafetensorsFile.open(folder.resolveSibling(folder.getFileName() + ".safetensors"))) {
            INDArray input = read(file, "input");
            INDArray there = read(file, "output");
            INDArray here = withoutPadding(graph.outputSingle(input), input);
            assertArrayEquals(there.shape(), here.shape());
            double largest = there.amaxNumber().doubleValue();
            double apart = there.sub(here).amaxNumber().doubleValue();
            assertTrue(apart <= TOLERANCE * largest, apart + " apart, of at most " + largest);
        }
    }

    private static INDArray read(SafetensorsFile file, String name) throws IOException {
        long[] shape = Objects.requireNonNull(file.tensors().get(name), name).shape().stream()
                .mapToLong(Long::longValue)
                .toArray();
        return Nd4j.create(file.readFloats(name), shape, 'c');
    }

    /** The rows of tokens alone, where there is a row for each of ids and masks, [examples, 2, time]. */
    private static INDArray withoutPadding(INDArray output, INDArray input) {
        if (input.rank() != 3 || output.rows() == input.size(0)) {
            return output;
        }
        int time = (int) input.size(2);
        return output.getRows(IntStream.range(0, output.rows())
                .filter(row -> input.getDouble(row / time, 1, row % time) != 0)
                .toArray());
    }
}
