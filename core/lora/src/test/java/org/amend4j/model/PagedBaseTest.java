/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A base whose weights lie in a file is that base, and takes no memory while it rests. */
class PagedBaseTest {

    private static final int WIDTH = 3000;
    private static final long BYTES = (long) WIDTH * WIDTH * Float.BYTES;

    @TempDir
    private Path folder;

    @BeforeEach
    void theSystemHasIt() {
        assumeTrue(Platform.isLinux(), "Memory that is a file's is for Linux.");
    }

    private static ComputationGraph network(int width, long seed) {
        return SmallNetworks.initialised(SmallNetworks.builder(DataType.FLOAT, seed)
                .addInputs("in")
                .addLayer("low", SmallNetworks.dense(width, width, Activation.TANH), "in")
                .addLayer("out", SmallNetworks.output(width, 2, LossFunction.MCXENT, Activation.SOFTMAX), "low")
                .setOutputs("out"));
    }

    private static double[] outputs(ComputationGraph network, int width) {
        INDArray rows = TestNetworks.normal(DataType.FLOAT, new Random(2), 3, width);
        return network.outputSingle(rows).data().asDouble();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** Of this process, in memory. */
    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    @Test
    void a_file_read_into_pages_is_the_same_base_and_its_memory_comes_and_goes() throws IOException {
        ComputationGraph network = network(WIDTH, 21);
        double[] parameters = ParameterVectors.of(network);
        double[] expected = outputs(network, WIDTH);
        Path file = folder.resolve("model.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        BaseModel base = BaseModel.openPaged(file, folder);
        assertTrue(base.isPaged());
        assertEquals(List.of(file), files(), "the file of its weights has no name");
        assertArrayEquals(parameters, ParameterVectors.of(base.network()));
        long before = resident();
        base.rest();
        assertTrue(resident() < before - BYTES / 2, before + " bytes, then " + resident());
        assertArrayEquals(expected, outputs(base.network(), WIDTH));
        base.verifyUnchanged();
        base.rest();
        assertArrayEquals(parameters, ParameterVectors.of(base.plainCopy()));
    }

    @Test
    void a_network_moved_to_pages_is_the_base_it_would_have_been() throws IOException {
        double[] expected = outputs(network(7, 22), 7);
        Fingerprint fingerprint = fingerprintOf(network(7, 22));
        System.gc(); // an equal base that is open still would be taken
        BaseModel moved = BaseModel.movedToPages(network(7, 22), folder);
        assertEquals(fingerprint, moved.fingerprint());
        assertArrayEquals(expected, outputs(moved.network(), 7));
        moved.rest();
        assertArrayEquals(expected, outputs(moved.network(), 7));
        moved.verifyUnchanged();
        assertEquals(List.of(), files());
    }

    private static Fingerprint fingerprintOf(ComputationGraph network) {
        return BaseModel.of(network).fingerprint();
    }

    @Test
    void a_base_in_memory_does_not_rest() {
        BaseModel base = BaseModel.of(network(7, 23));
        double[] expected = outputs(base.network(), 7);
        assertFalse(base.isPaged());
        base.rest();
        assertArrayEquals(expected, outputs(base.network(), 7));
    }

    @Test
    void more_than_the_disk_has_is_refused() {
        IOException refused =
                assertThrows(IOException.class, () -> PagedMemory.of(folder, DataType.FLOAT, 1, 1L << 50));
        assertTrue(
                refused.getMessage().startsWith("there must be 4503599627370496 bytes left in "), refused.getMessage());
    }
}
