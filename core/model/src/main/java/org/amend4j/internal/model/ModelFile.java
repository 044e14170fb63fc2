/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.amend4j.internal.text.Shown;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads Deeplearning4j's zip files and says in one sentence why one cannot be read. Sizes stated in a file are checked
 * before memory is allocated for them. Only the configuration and the parameters are read here, {@link StoredNormalizer} reads a normalizer; nobody reads updater state
 * or any of the Java objects that {@code ModelSerializer} would deserialize.
 */
public final class ModelFile {

    private ModelFile() {}

    public static ComputationGraph read(Path file) throws IOException {
        return read(file, Coefficients.Memory.ANY, names -> {});
    }

    /**
     * Reads a file.
     *
     * @param memory where its parameters go
     * @param names told the own names of layers that the graph has under their number
     */
    public static ComputationGraph read(Path file, Coefficients.Memory memory, Consumer<Map<String, String>> names)
            throws IOException {
        requireRegular(file);
        try (ModelZip zip = new ModelZip(file)) {
            SavedConfiguration configuration = zip.read(ModelSerializer.CONFIGURATION_JSON, SavedConfiguration::read);
            ComputationGraph network = configuration.ofGraph()
                    ? graph(configuration, zip, memory)
                    : layers(configuration, zip, memory, names);
            requireShapes(network);
            return network;
        } catch (IOException e) {
            throw refusal(file, oneLine(e), e);
        } catch (RuntimeException | LinkageError e) {
            throw refusal(file, "its configuration makes no network: " + reason(e), e);
        }
    }

    /** Whether a file has a graph, and no layers in a row. */
    static boolean isGraph(Path file) throws IOException {
        return saved(file).ofGraph();
    }

    private static SavedConfiguration saved(Path file) throws IOException {
        requireRegular(file);
        try (ModelZip zip = new ModelZip(file)) {
            return zip.read(ModelSerializer.CONFIGURATION_JSON, SavedConfiguration::read);
        }
    }

    /** The layers in a row that a file has, with the parameters of a graph that was made of them; empty if they are not the same network. */
    static Optional<MultiLayerNetwork> layersLike(Path file, ComputationGraph graph) throws IOException {
        SavedConfiguration saved = saved(file);
        if (saved.ofGraph()) {
            return Optional.empty();
        }
        MultiLayerConfiguration configuration = MultiLayerConfiguration.fromJson(saved.json());
        long count = 0;
        for (NeuralNetConfiguration layer : configuration.getConfs()) {
            count = Math.addExact(count, layer.getLayer().initializer().numParams(layer));
        }
        if (count != graph.numParams()) {
            return Optional.empty();
        }
        configuration.setDataType(graph.params().dataType());
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init(graph.params().dup(), false);
        boolean same =
                BaseModel.of(network).fingerprint().equals(BaseModel.of(graph).fingerprint());
        return same ? Optional.of(network) : Optional.empty();
    }

    static void requireRegular(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("no such model file: " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw refusal(file, Files.isDirectory(file) ? "it is a folder" : "it is a pipe or a device, no file", null);
        }
    }

    private static ComputationGraph graph(SavedConfiguration saved, ModelZip zip, Coefficients.Memory memory)
            throws IOException {
        ComputationGraphConfiguration configuration = ComputationGraphConfiguration.fromJson(saved.json());
        long count = 0;
        for (GraphVertex vertex : configuration.getVertices().values()) {
            count = Math.addExact(count, vertex.numParams(false));
        }
        INDArray parameters = parameters(zip, count, saved, configuration.getDataType(), memory);
        configuration.setDataType(parameters.dataType());
        ComputationGraph network = new ComputationGraph(configuration);
        network.init(parameters, false);
        return network;
    }

    private static ComputationGraph layers(
            SavedConfiguration saved, ModelZip zip, Coefficients.Memory memory, Consumer<Map<String, String>> names)
            throws IOException {
        MultiLayerConfiguration configuration = MultiLayerConfiguration.fromJson(saved.json());
        long count = 0;
        for (NeuralNetConfiguration layer : configuration.getConfs()) {
            count = Math.addExact(count, layer.getLayer().initializer().numParams(layer));
        }
        INDArray parameters = parameters(zip, count, saved, configuration.getDataType(), memory);
        configuration.setDataType(parameters.dataType());
        names.accept(Networks.names(configuration));
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init(parameters, false);
        return Networks.asGraph(network);
    }

    private static INDArray parameters(
            ModelZip zip, long count, SavedConfiguration saved, DataType type, Coefficients.Memory memory)
            throws IOException {
        if (count < 1) {
            throw new IOException("a model must have parameters, got a network with " + count);
        }
        Optional<DataType> stated = saved.statesType() ? Optional.of(type) : Optional.empty();
        return zip.read(
                ModelSerializer.COEFFICIENTS_BIN,
                (content, size) -> Coefficients.read(content, size, count, stated, memory));
    }

    /** Each layer's arrays are views of the network's vector; together they must be no longer than it. */
    private static void requireShapes(ComputationGraph network) throws IOException {
        long left = network.params().length();
        for (Map.Entry<String, INDArray> parameter : network.paramTable().entrySet()) {
            for (long length : parameter.getValue().shape()) {
                if (length < 0) {
                    throw new IOException("'" + parameter.getKey() + "' has a size of " + length);
                }
            }
            left = Math.subtractExact(left, exactLength(parameter.getValue()));
        }
        if (left < 0) {
            throw new IOException("the sizes in its configuration contradict one another");
        }
    }

    private static long exactLength(INDArray array) {
        long length = 1;
        for (long size : array.shape()) {
            length = Math.multiplyExact(length, size);
        }
        return length;
    }

    public static IOException refusal(Path file, @Nullable String reason, @Nullable Throwable cause) {
        return new IOException("cannot read a Deeplearning4j model from " + file + ": " + reason, cause);
    }

    /** Of an exception that only wraps another, the other's; a slip's own message is about code, not about the file. */
    private static String reason(Throwable problem) {
        Throwable cause = problem.getCause();
        String message = problem.getMessage();
        if (cause != null && (message == null || message.equals(cause.toString()))) {
            return reason(cause);
        }
        boolean slip = problem instanceof NullPointerException
                || problem instanceof ClassCastException
                || problem instanceof IndexOutOfBoundsException;
        return slip ? problem.getClass().getSimpleName() : oneLine(problem);
    }

    static String oneLine(Throwable problem) {
        String name = problem.getClass().getSimpleName();
        String message = problem.getMessage();
        return message == null
                ? name
                : Shown.sentence(message.lines().findFirst().orElse(name));
    }
}
