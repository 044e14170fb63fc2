/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.amend4j.internal.model.Coefficients;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.Fingerprints;
import org.amend4j.internal.model.ModelFile;
import org.amend4j.internal.model.Networks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * A trained network whose weights never change. Everything that is trained on top of it (adapters, new heads) shares its
 * weights and keeps its own parameters elsewhere.
 *
 * <p>A base model is registered in the whole process under its {@linkplain #fingerprint() fingerprint}: graphs built on it
 * store only the fingerprint, and look the model up when they are built, cloned or loaded. It stays registered as long as it is
 * strongly reachable.
 */
public final class BaseModel {

    private final ComputationGraph network;
    private final Optional<PagedMemory> paged;
    private final ComputationGraphConfiguration configuration;
    private final Fingerprints fingerprints;
    private final Map<String, String> names = new ConcurrentSkipListMap<>();
    private final Map<DataType, Map<String, Map<String, INDArray>>> converted = new ConcurrentHashMap<>();

    private BaseModel(ComputationGraph network, Optional<PagedMemory> paged) {
        this.network = IntactInputs.of(network);
        this.paged = paged;
        this.configuration = Configurations.copy(network.getConfiguration());
        requireFinite(network);
        this.fingerprints = Fingerprints.of(configuration, this::parameters);
    }

    /**
     * Opens a network saved by Deeplearning4j's {@code ModelSerializer}; updater state in the file is ignored.
     *
     * @param file a ComputationGraph or MultiLayerNetwork zip
     * @throws IOException if the file cannot be read, is neither, or its parameters are not finite; the message names the file
     */
    public static BaseModel open(Path file) throws IOException {
        Map<String, String> names = new LinkedHashMap<>();
        ComputationGraph network = ModelFile.read(file, Coefficients.Memory.ANY, names::putAll);
        try {
            return of(network).named(names);
        } catch (IllegalArgumentException e) {
            throw ModelFile.refusal(file, e.getMessage(), e);
        }
    }

    /**
     * Takes a network in memory. Its parameter array is shared, not copied: the network must not be trained any more
     * ({@link #verifyUnchanged()} tells whether it was). If an equal model is open already, that one is returned and the
     * network given is left alone.
     *
     * @param network an initialised graph with finite parameters
     * @throws IllegalArgumentException if it has no parameters or some are NaN or infinite
     */
    public static BaseModel of(ComputationGraph network) {
        Objects.requireNonNull(network, "network");
        network.init();
        return BaseRegistry.register(new BaseModel(network, Optional.empty()));
    }

    /**
     * As {@link #open(Path)}, with parameters that lie in a file: {@link #rest} gives their memory back. Where the system has no such memory
     * (Linux has), they lie in memory as any others.
     *
     * @param folder on whose disk there is room for them; the file has no name there, and is gone with the model or the process
     */
    public static BaseModel openPaged(Path file, Path folder) throws IOException {
        List<PagedMemory> made = new ArrayList<>();
        Map<String, String> names = new LinkedHashMap<>();
        ComputationGraph network = ModelFile.read(
                file,
                (type, shape, order) -> {
                    Optional<PagedMemory> memory = PagedMemory.of(folder, type, shape);
                    memory.ifPresent(made::add);
                    return memory.map(PagedMemory::array).orElseGet(() -> Nd4j.createUninitialized(type, shape, order));
                },
                names::putAll);
        try {
            return BaseRegistry.register(new BaseModel(network, made.stream().findFirst()))
                    .named(names);
        } catch (IllegalArgumentException e) {
            throw ModelFile.refusal(file, e.getMessage(), e);
        }
    }

    /**
     * As {@link #of(ComputationGraph)}, with parameters that lie in a file, as in {@link #openPaged}.
     *
     * @param network whose memory is given back: it must not be used any more
     */
    public static BaseModel movedToPages(ComputationGraph network, Path folder) throws IOException {
        Objects.requireNonNull(network, "network");
        network.init();
        INDArray from = network.params();
        Optional<PagedMemory> paged = PagedMemory.of(folder, from.dataType(), from.shape());
        if (paged.isEmpty()) {
            return of(network);
        }
        INDArray to = paged.get().array();
        to.assign(from);
        ComputationGraph moved = new ComputationGraph(Configurations.copy(network.getConfiguration()));
        moved.init(to, false);
        moved.setListeners(network.getListeners());
        from.close();
        return BaseRegistry.register(new BaseModel(moved, paged));
    }

    /** Gives back the memory of parameters that lie in a file; what is looked at comes back. Others stay. */
    public void rest() {
        paged.ifPresent(PagedMemory::rest);
    }

    /** Whether {@link #rest} gives memory back. */
    public boolean isPaged() {
        return paged.isPresent();
    }

    /**
     * As {@link #of(ComputationGraph)}; the layers are named "0", "1", ... and the input "in". A layer's own name, if it is unique, calls it in
     * {@linkplain #names() settings}, too.
     */
    public static BaseModel of(MultiLayerNetwork network) {
        Objects.requireNonNull(network, "network");
        network.init();
        return of(Networks.asGraph(network)).named(Networks.names(network.getLayerWiseConfigurations()));
    }

    private BaseModel named(Map<String, String> own) {
        own.forEach(names::putIfAbsent);
        return this;
    }

    /**
     * The own names of layers that stood in a row, as far as they are unique, and the vertices that they call, "0", "1", and so on: files
     * and fingerprints have the vertices. Empty of a graph.
     */
    public Map<String, String> names() {
        return Collections.unmodifiableMap(names);
    }

    /** A vertex as people know it: its name, and the layer's own name behind it if it has one. */
    public String shown(String vertex) {
        return names.entrySet().stream()
                .filter(name -> name.getValue().equals(vertex) && !name.getKey().equals("layer" + vertex))
                .map(name -> vertex + " (" + name.getKey() + ")")
                .findFirst()
                .orElse(vertex);
    }

    /**
     * The open base model with this fingerprint.
     *
     * @param fingerprint of the whole model
     * @param layer who asks, for the message
     * @throws MissingBaseException if it is not open
     */
    public static BaseModel require(Fingerprint fingerprint, String layer) {
        return BaseRegistry.find(fingerprint).orElseThrow(() -> new MissingBaseException(fingerprint, layer));
    }

    /** SHA-256 over the configuration and every parameter. */
    public Fingerprint fingerprint() {
        return fingerprints.whole();
    }

    /** SHA-256 of each vertex, configuration and parameters, in topological order. */
    public Map<String, Fingerprint> layerFingerprints() {
        return fingerprints.vertices();
    }

    /** The fingerprint that a layer would have under another name. */
    public Fingerprint layerFingerprintAs(String vertex, String name) {
        return Fingerprints.as(
                name,
                Optional.ofNullable(configuration.getVertices().get(vertex)).orElseThrow(),
                parameters(vertex));
    }

    /** A copy of the configuration, the caller's to change. */
    public ComputationGraphConfiguration configuration() {
        return Configurations.copy(configuration);
    }

    /** A plain network with the base's weights, the caller's own; unlike Deeplearning4j's clone it loses no property. */
    public ComputationGraph plainCopy() {
        ComputationGraph copy = new ComputationGraph(configuration());
        copy.init(network.params().dup(), false);
        return copy;
    }

    /**
     * A copy of the configuration of one vertex.
     *
     * @throws IllegalArgumentException if there is no such vertex
     */
    public GraphVertex configuration(String vertex) {
        GraphVertex found = configuration.getVertices().get(vertex);
        if (found == null) {
            throw unknown(vertex);
        }
        return Configurations.copy(found);
    }

    private IllegalArgumentException unknown(String vertex) {
        return new IllegalArgumentException("the base model has no vertex '" + vertex + "'; it has "
                + configuration.getVertices().keySet());
    }

    /**
     * The parameters of one vertex as Deeplearning4j lays them out, by key ("W", "b", ...); empty if it has none. The
     * arrays are the base's own: read them only.
     *
     * @throws IllegalArgumentException if there is no such vertex
     */
    public Map<String, INDArray> parameters(String vertex) {
        org.deeplearning4j.nn.graph.vertex.GraphVertex found = network.getVertex(vertex);
        if (found == null) {
            throw unknown(vertex);
        }
        Map<String, INDArray> table = found.paramTable(false);
        return table == null ? Map.of() : Collections.unmodifiableMap(table);
    }

    /**
     * As {@link #parameters(String)} in another floating type. The first request for a type that is not the base's own
     * makes a copy of that vertex's parameters; it is kept and shared.
     */
    public Map<String, INDArray> parameters(String vertex, DataType type) {
        if (type == dataType()) {
            return parameters(vertex);
        }
        return converted
                .computeIfAbsent(type, t -> new ConcurrentHashMap<>())
                .computeIfAbsent(vertex, v -> cast(parameters(v), type));
    }

    /**
     * The parameters of one layer as one row vector, in view order, in the given type.
     *
     * @return an array that must only be read, or an empty one if the layer has no parameters
     */
    public INDArray flatParameters(String vertex, DataType type) {
        INDArray view = network.getVertex(vertex).params();
        if (view == null) {
            return Nd4j.empty(type);
        }
        return view.dataType() == type ? view : view.castTo(type);
    }

    /** Number of parameters of the whole base. */
    public long parameterCount() {
        return network.numParams();
    }

    /** The floating type of the parameters. */
    public DataType dataType() {
        return configuration.getDataType();
    }

    /**
     * The network itself, for inference by Deeplearning4j; where an activation layer of it would write over what others read, one that
     * computes what {@code fit} sees. It shares the base's parameters: do not train it, and do not use it from two threads at once.
     */
    public ComputationGraph network() {
        return network;
    }

    /**
     * Computes the fingerprint again.
     *
     * @throws IllegalStateException naming the first vertex whose parameters changed since the model was opened
     */
    public void verifyUnchanged() {
        Fingerprints now = Fingerprints.of(configuration, this::parameters);
        now.vertices().forEach((vertex, fingerprint) -> {
            if (!fingerprint.equals(fingerprints.vertices().get(vertex))) {
                throw new IllegalStateException("the parameters of '" + vertex + "' in the base model " + fingerprint()
                        + " changed after it was opened: a base model must not be trained");
            }
        });
    }

    private static void requireFinite(ComputationGraph network) {
        if (network.numParams() == 0) {
            throw new IllegalArgumentException("a base model must have parameters, got a network without any");
        }
        if (isFinite(network.params())) {
            return;
        }
        for (org.deeplearning4j.nn.graph.vertex.GraphVertex vertex : network.getVertices()) {
            Map<String, INDArray> table = vertex.paramTable(false);
            if (table != null) {
                table.forEach((key, values) -> {
                    if (!isFinite(values)) {
                        throw new IllegalArgumentException("the weights of a base model must be finite, got NaN or"
                                + " infinity in '" + key + "' of layer '" + vertex.getVertexName() + "'");
                    }
                });
            }
        }
    }

    /**
     * Whether an array has no NaN and no infinity. One fast sum settles nearly every case: it is finite only if every
     * element is. If it is not, it may have overflowed, and every element is looked at.
     */
    public static boolean isFinite(INDArray values) {
        if (Double.isFinite(values.sumNumber().doubleValue())) {
            return true;
        }
        INDArray wide = values.dataType().width() < Float.BYTES
                ? values.castTo(DataType.FLOAT)
                : values; // ND4J finds no NaN in 16 bits
        return !BooleanIndexing.or(wide, Conditions.isNan()) && !BooleanIndexing.or(wide, Conditions.isInfinite());
    }

    private static Map<String, INDArray> cast(Map<String, INDArray> parameters, DataType type) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            Map<String, INDArray> result = new LinkedHashMap<>();
            parameters.forEach((key, values) -> {
                INDArray copy = Nd4j.createUninitialized(type, values.shape(), values.ordering());
                result.put(key, copy.assign(values));
            });
            return Collections.unmodifiableMap(result);
        }
    }

    @Override
    public String toString() {
        return "BaseModel[" + fingerprint() + ", " + parameterCount() + " parameters]";
    }
}
