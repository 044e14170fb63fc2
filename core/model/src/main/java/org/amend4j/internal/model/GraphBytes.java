/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A graph as the bytes of its file, without its updater: how it goes to another process. An adapted one's have no base. They are what
 * {@code ModelSerializer} writes, but for the time, which is always the same: equal graphs have equal bytes.
 */
public final class GraphBytes {

    /** A month after the first that a zip can say, which Java writes with the time zone. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private GraphBytes() {}

    /** What {@link #graph} reads. */
    public static byte[] of(ComputationGraph graph) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(graph, Optional.empty(), bytes);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    /** Writes them to a file, which {@link BaseModel#open} and Deeplearning4j read. */
    public static void write(ComputationGraph graph, Path file) throws IOException {
        write(graph, Optional.empty(), file);
    }

    /**
     * As {@link #write(ComputationGraph, Path)}.
     *
     * @param normalizer that goes into the file, too, if there is one
     */
    public static void write(ComputationGraph graph, Optional<StoredNormalizer> normalizer, Path file)
            throws IOException {
        try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file))) {
            write(graph, normalizer, stream);
        }
    }

    /**
     * Writes a graph that was made of a file's network, as the kind of network that the file has: layers in a row become a
     * {@link MultiLayerNetwork} again, unless some have other parameters now than its configuration has.
     *
     * @return whether it is of the same kind
     */
    public static boolean writeLike(
            Path original, ComputationGraph graph, Optional<StoredNormalizer> normalizer, Path file)
            throws IOException {
        Optional<MultiLayerNetwork> layers = ModelFile.layersLike(original, graph);
        if (layers.isEmpty()) {
            write(graph, normalizer, file);
            return ModelFile.isGraph(original);
        }
        MultiLayerNetwork network = layers.get();
        try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file))) {
            write(network.getLayerWiseConfigurations().toJson(), network.params(), normalizer, stream);
        }
        return true;
    }

    private static void write(ComputationGraph graph, Optional<StoredNormalizer> normalizer, OutputStream stream)
            throws IOException {
        if (graph.params() == null) { // of which the serializer has a mark of its own
            ModelSerializer.writeModel(graph, stream, false);
            return;
        }
        write(graph.getConfiguration().toJson(), graph.params(), normalizer, stream);
    }

    private static void write(
            String configuration, INDArray parameters, Optional<StoredNormalizer> normalizer, OutputStream stream)
            throws IOException {
        ZipOutputStream zip = new ZipOutputStream(stream);
        begin(zip, ModelSerializer.CONFIGURATION_JSON);
        zip.write(configuration.getBytes(StandardCharsets.UTF_8));
        begin(zip, ModelSerializer.COEFFICIENTS_BIN);
        DataOutputStream data = new DataOutputStream(new BufferedOutputStream(zip));
        Nd4j.write(parameters, data);
        data.flush();
        if (normalizer.isPresent()) {
            begin(zip, StoredNormalizer.ENTRY);
            zip.write(normalizer.get().bytes());
        }
        zip.finish();
    }

    private static void begin(ZipOutputStream zip, String name) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
    }

    /**
     * A graph of one's own; the base of an adapted one must be open.
     *
     * @throws IOException if the bytes are no graph's
     */
    public static ComputationGraph graph(byte[] bytes) throws IOException {
        return ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(bytes), false);
    }
}
