/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.validation.Checks;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.SafetensorsException;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A saved adapter: a directory with {@code adapter_model.safetensors} and {@code adapter_config.json} in the layout of
 * Hugging Face PEFT, which reads it like its own, with our additions (fingerprint of the base, exact configuration, digest) in
 * the metadata of the tensors' file.
 *
 * <p>Reading is strict: names, types and shapes are checked before an array is created, values must be finite and have the
 * recorded digest, the metadata of the tensors must be what is written for them and agree with the configuration file, and memory
 * use is proportional to the size of the files.
 * Python pickles ({@code adapter_model.bin}) are never read. The caller must check, by the fingerprints, that the adapter
 * belongs to a base.
 *
 * <p>PEFT applies its suffix rule for {@code target_modules} and {@code modules_to_save} when it reads the file: a PyTorch
 * module whose name ends in {@code "." + vertex} is targeted there as well.
 */
public final class AdapterFile {
    /** Name of the file with the tensors. */
    public static final String TENSORS = "adapter_model.safetensors";
    /** Name of the file with the configuration. */
    public static final String CONFIG = "adapter_config.json";
    /** Version of the record beside the tensors. */
    static final String VERSION = "1";
    /** Release of Deeplearning4j whose names and shapes the record speaks of. */
    private static final String DL4J = "1.0.0-M2.1";

    private AdapterFile() {}

    /**
     * Writes an adapter. Both files are on disk before the first gets its name; a failure leaves older files as they were.
     * If the machine stops between the two renames over an older adapter, the directory loads as the new adapter or, if
     * their configurations differ, is refused. Equal content gives equal bytes.
     *
     * @param directory created if missing; other files in it are left alone
     * @throws IllegalArgumentException if a value is not finite or two arrays would get one key; nothing is written
     * @throws IOException if the files cannot be written
     */
    public static void write(Path directory, AdapterContent adapter) throws IOException {
        AdapterContent content = ModuleNaming.named(adapter, List.of());
        ModuleNaming naming = ModuleNaming.of(content, List.of());
        List<TensorData> tensors = tensors(content, naming);
        write(directory, metadata(content, naming, tensors), tensors, PeftConfig.text(content, naming));
    }

    private static void write(Path directory, Map<String, String> metadata, List<TensorData> tensors, String config)
            throws IOException {
        Files.createDirectories(directory);
        try (AtomicFile tensorFile = AtomicFile.create(directory.resolve(TENSORS));
                AtomicFile configFile = AtomicFile.create(directory.resolve(CONFIG))) {
            SafetensorsWriter.write(tensorFile.stream(), metadata, tensors);
            configFile.stream().write(config.getBytes(StandardCharsets.UTF_8));
            tensorFile.force();
            configFile.force();
            tensorFile.commit();
            configFile.commit();
        }
    }

    /**
     * Writes an adapter only if PEFT loads it and computes all of it as we do.
     *
     * @throws IllegalArgumentException also if it does not, naming the layers; or if no layer has factors
     * @throws IOException if the files cannot be written
     */
    public static void writeForPeft(Path directory, AdapterContent content) throws IOException {
        writeForPeft(directory, content, List.of());
    }

    /** As {@link #writeForPeft(Path, AdapterContent)}, for a base with these layers, whose names PEFT sees too. */
    public static void writeForPeft(Path directory, AdapterContent content, Collection<String> layers)
            throws IOException {
        requirePeft(content, layers);
        write(directory, content);
    }

    /**
     * Writes what PEFT itself would: its two files without our additions, so that only a {@link ModuleMap} reads them again here. An
     * adapter that PEFT wrote comes back to its bytes where nothing was changed, also through a model: the configuration to those of its
     * file, whatever the values; a tensor in the type it had if that holds its values exactly. Not so where the file was in shards, had tensors in another order
     * than PEFT's, or had more than the adapter: the base's own embedding or second copies of biases trained in full.
     *
     * @throws IllegalArgumentException as in {@link #writeForPeft(Path, AdapterContent)}
     * @throws IOException if the files cannot be written
     */
    public static void export(Path directory, AdapterContent content) throws IOException {
        export(directory, content, List.of());
    }

    /** As {@link #export(Path, AdapterContent)}, for a base with these layers, whose names PEFT sees too. */
    public static void export(Path directory, AdapterContent adapter, Collection<String> layers) throws IOException {
        requirePeft(adapter, layers);
        AdapterContent content = ModuleNaming.named(adapter, layers);
        ModuleNaming asked = ModuleNaming.of(content, layers);
        Optional<PeftOrigin> origin = content.origin();
        Optional<ModuleNaming> own = origin.flatMap(some -> some.naming(content, asked));
        List<TensorData> tensors = tensors(content, own.orElse(asked));
        if (own.isPresent()) {
            tensors.sort(Comparator.comparing(TensorData::name)); // PEFT's order
        }
        String config =
                origin.map(some -> some.configText(content, asked)).orElseGet(() -> PeftConfig.text(content, asked));
        write(directory, Map.of("format", "pt"), tensors, config);
    }

    /**
     * What PEFT would not compute as we do, and why: nothing if {@link #writeForPeft(Path, AdapterContent, Collection)} writes the
     * adapter.
     *
     * @param layers of the base
     * @return by layer, weight or bias; under the empty name what is about all of the adapter
     */
    public static Map<String, String> otherwiseInPeft(AdapterContent content, Collection<String> layers) {
        Map<String, String> found = new LinkedHashMap<>();
        content.factors().stream()
                .filter(layer -> !layer.peftExact())
                .forEach(layer -> found.put(
                        layer.name(),
                        layer.isPeft()
                                ? "PEFT's adapter forgets the dilation, or pads otherwise"
                                : "PEFT has no adapters for such weights"));
        content.fullLayers().stream()
                .filter(layer -> !AdapterContent.isPeft(layer))
                .forEach(layer -> found.put(layer.vertex(), "PyTorch has no layer with its parameters"));
        content.biases().stream()
                .filter(bias -> !bias.torch())
                .forEach(bias -> found.put(bias.vertex() + "." + bias.parameter(), "PyTorch's layer has no such bias"));
        if (found.isEmpty()) {
            try {
                requirePeft(content, layers);
            } catch (IllegalArgumentException otherwise) {
                found.put("", String.valueOf(otherwise.getMessage()));
            }
        }
        return found;
    }

    private static void requirePeft(AdapterContent content, Collection<String> layers) {
        if (content.factors().isEmpty()) {
            throw new IllegalArgumentException("PEFT loads no adapter without factors (\"No modules were targeted for"
                    + " adaptation\"), and here there are only "
                    + (content.fullLayers().isEmpty() ? "trained tokens: " : "layers trained in full: ")
                    + Checks.listed(Stream.concat(
                                    content.fullLayers().stream().map(FullLayer::vertex),
                                    content.tokens().stream().map(TrainedTokens::vertex))
                            .toList())
                    + "; adapt a layer too, or save for amend4j alone");
        }
        if (content.peftCompatibility() != AdapterContent.PeftCompatibility.EXACT) {
            List<String> others = new ArrayList<>();
            content.factors().stream().filter(layer -> !layer.peftExact()).forEach(layer -> others.add(layer.name()));
            content.fullLayers().stream()
                    .filter(layer -> !AdapterContent.isPeft(layer))
                    .forEach(layer -> others.add(layer.vertex()));
            content.biases().stream()
                    .filter(bias -> !bias.torch())
                    .forEach(bias -> others.add(bias.vertex() + "." + bias.parameter()));
            throw new IllegalArgumentException(
                    "PEFT must compute every layer exactly, it does not compute " + Checks.listed(others));
        }
        requireNames(ModuleNaming.named(content, layers), GatedModules.inMemory(layers));
    }

    private static void requireNames(AdapterContent content, Collection<String> layers) {
        ModuleNaming asked = ModuleNaming.of(content, layers);
        ModuleNaming own = content.origin()
                .flatMap(origin -> origin.naming(content, asked))
                .orElse(asked);
        Optional<String> mistaken = new PeftNames(content, own, layers).mistaken();
        if (mistaken.isPresent()) {
            throw new IllegalArgumentException(mistaken.get());
        }
    }

    /**
     * Reads an adapter that amend4j wrote, whole or not at all. Loaded factors are F-ordered.
     *
     * @throws SafetensorsException if the tensors' file breaks a rule of its format
     * @throws AdapterFormatException if the adapter breaks one of ours
     * @throws IOException if the files cannot be read
     */
    public static AdapterContent read(Path directory) throws IOException {
        try (AdapterTensors file = AdapterTensors.open(directory)) {
            return read(file, PeftConfig.load(directory.resolve(CONFIG)));
        }
    }

    private static AdapterContent read(AdapterTensors file, JsonFields peft) throws IOException {
        requireVersion(file);
        try {
            Blueprint blueprint = Blueprint.parse(file.path(), file.recorded("amend4j.config"));
            BaseRecord base = BaseRecord.recorded(file);
            ModuleNaming naming =
                    ModuleNaming.recorded(blueprint, base.layers().keySet(), file.recorded("amend4j.keys"));
            List<StoredTensor> tensors = blueprint.tensors();
            StoredTensor.requireTensors(
                    file.path(), tensors.stream().map(naming::of).toList(), file.tensors());
            Map<String, INDArray> values = values(file, naming, tensors);
            AdapterContent content = blueprint.with(values, base.sha256(), base.layers());
            PeftConfig.requireAgreement(peft, content, naming);
            requireRecord(file, content, naming);
            AdapterContent read = PeftOrigin.ofOurs(peft, content, types(file, naming, tensors))
                    .map(content::from)
                    .orElse(content);
            return GatedModules.together(read, base.layers().keySet());
        } catch (IllegalArgumentException e) {
            throw new AdapterFormatException(file.path(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Map<String, DType> types(AdapterTensors file, ModuleNaming naming, List<StoredTensor> tensors)
            throws AdapterFormatException {
        Map<String, DType> types = new HashMap<>();
        for (StoredTensor tensor : tensors) {
            types.put(tensor.key(), TensorCodec.info(naming.of(tensor), file).dtype());
        }
        return types;
    }

    private static void requireVersion(AdapterTensors file) throws AdapterFormatException {
        if (!file.isOurs()) {
            throw new AdapterFormatException(
                    file.path(),
                    "it was not written by amend4j, so the vertex of each of its modules must be given: a ModuleMap does, on the"
                            + " command line lora import");
        }
        String version = file.recorded("amend4j.version");
        if (!version.equals(VERSION)) {
            throw new AdapterFormatException(
                    file.path(),
                    "it has the unknown version " + Printable.quoted(version) + ", this release reads version "
                            + VERSION);
        }
    }

    /**
     * The values of all tensors that are not derived, by the key that a tensor has under its vertex's name, read once: what is kept is what
     * the digest is of.
     */
    private static Map<String, INDArray> values(AdapterTensors file, ModuleNaming naming, List<StoredTensor> tensors)
            throws IOException {
        Map<String, INDArray> values = new HashMap<>();
        AdapterDigest digest = AdapterDigest.begin(file.metadata());
        Map<String, StoredTensor> inOrder = new TreeMap<>();
        tensors.forEach(tensor -> inOrder.put(naming.of(tensor).key(), tensor));
        for (StoredTensor tensor : inOrder.values()) {
            StoredTensor named = naming.of(tensor);
            digest.head(TensorCodec.info(named, file));
            if (tensor.layout().isDerived()) {
                file.forEachChunk(named.key(), digest::bytes);
            } else {
                values.put(tensor.key(), TensorCodec.decode(named, file, digest::bytes));
            }
        }
        if (!file.recorded(AdapterDigest.KEY).equals(digest.hex())) {
            throw new AdapterFormatException(
                    file.path(), "its content does not have the recorded digest, it was damaged or edited");
        }
        return values;
    }

    /** The record must be what is written for this adapter. The first releases took heads alone for something that PEFT loads. */
    private static void requireRecord(AdapterTensors file, AdapterContent content, ModuleNaming naming)
            throws AdapterFormatException {
        Map<String, String> expected = record(content, naming);
        if (content.factors().isEmpty() && Set.of("exact", "partial").contains(file.recorded("amend4j.peft"))) {
            expected.remove("amend4j.peft");
        }
        for (Map.Entry<String, String> entry : expected.entrySet()) {
            if (!file.recorded(entry.getKey()).equals(entry.getValue())) {
                throw new AdapterFormatException(
                        file.path(),
                        "the metadata " + entry.getKey() + " must be what amend4j writes for this adapter");
            }
        }
    }

    /**
     * Reads an adapter that amend4j wrote, or one of PEFT's, in which every vertex has its module's name, as in Hugging Face's models.
     *
     * @throws IOException if the files cannot be read, or hold what this library cannot compute
     */
    public static AdapterContent readAsNamed(Path directory) throws IOException {
        AdapterSummary summary = AdapterSummary.read(directory);
        if (summary.ours()) {
            return read(directory);
        }
        Map<String, String> same = new TreeMap<>();
        summary.modules().forEach(module -> same.put(module.name(), module.name()));
        return read(directory, same);
    }

    /**
     * Reads an adapter that PEFT wrote for a PyTorch twin of a network. Layers are dense or convolutions by the number of
     * sizes of their weights; an embedding trained in full cannot be told from a dense layer. The content has the
     * fingerprints of the base if amend4j wrote the file, otherwise none, and names its vertices in the modules' alphabetical order.
     *
     * @param moduleToVertex the vertex of every module in the file, and of no other
     * @throws IllegalArgumentException if two modules are mapped to one vertex
     * @throws SafetensorsException if the tensors' file breaks a rule of its format
     * @throws AdapterFormatException if it holds something we cannot compute or modules that are not mapped
     * @throws IOException if the files cannot be read
     */
    public static AdapterContent read(Path directory, Map<String, String> moduleToVertex) throws IOException {
        return read(directory, ModuleMap.of(moduleToVertex), List.of());
    }

    /**
     * As {@link #read(Path, Map)}, for a network with these vertices.
     *
     * @throws IllegalArgumentException also if names are to agree and do not
     * @throws IOException as there
     */
    public static AdapterContent read(Path directory, ModuleMap map, Collection<String> vertices) throws IOException {
        try (AdapterTensors file = AdapterTensors.open(directory)) {
            JsonFields peft = PeftConfig.load(directory.resolve(CONFIG));
            ForeignModules modules = ForeignModules.of(file);
            Map<String, String> told = map.vertices(modules.names(), GatedModules.withHalves(vertices));
            AdapterContent read = map.encoder().isEmpty()
                    ? new ForeignReader(file, modules, told).read(peft)
                    : new ForeignReader(file, modules.only(told.keySet()), told)
                            .read(peft)
                            .inPart(VisionModules.inBoth(told.keySet()));
            return GatedModules.together(read, vertices);
        }
    }

    /** In the types that they were read in where those hold all values, else F32 or F64. */
    private static List<TensorData> tensors(AdapterContent content, ModuleNaming naming) {
        Function<String, DType> types =
                key -> content.origin().map(origin -> origin.type(key)).orElse(DType.F32);
        Blueprint blueprint = Blueprint.of(content);
        List<TensorData> tensors = new ArrayList<>();
        for (LayerFactors layer : content.factors()) {
            List<StoredTensor> stored = Blueprint.Adapter.of(layer).tensors();
            for (int i = 0; i < stored.size(); i++) {
                tensors.add(encoded(naming, stored.get(i), layer.arrays().get(i), types));
            }
        }
        for (FullLayer layer : content.fullLayers()) {
            for (StoredTensor stored :
                    StoredTensor.ofFull(layer.vertex(), layer.kind(), StoredTensor.shapes(layer.parameters()))) {
                INDArray array = layer.parameters().get(stored.parameter());
                tensors.add(
                        array == null
                                ? TensorCodec.batchCount(naming.of(stored))
                                : encoded(naming, stored, array, types));
            }
        }
        for (int i = 0; i < content.biases().size(); i++) {
            StoredTensor stored = blueprint.tensor(blueprint.biases().get(i));
            tensors.add(encoded(naming, stored, content.biases().get(i).values(), types));
        }
        for (int i = 0; i < content.tokens().size(); i++) {
            StoredTensor stored = blueprint.tokens().get(i).tensor();
            tensors.add(encoded(naming, stored, content.tokens().get(i).rows(), types));
        }
        requireDistinct(tensors);
        return tensors;
    }

    private static TensorData encoded(
            ModuleNaming naming, StoredTensor stored, INDArray array, Function<String, DType> types) {
        return TensorCodec.encode(naming.of(stored), array, types.apply(stored.key()));
    }

    private static void requireDistinct(List<TensorData> tensors) {
        Map<String, TensorData> byName = new TreeMap<>();
        for (TensorData tensor : tensors) {
            if (byName.put(tensor.name(), tensor) != null) {
                throw new IllegalArgumentException("two arrays claim the tensor '" + tensor.name() + "'");
            }
        }
    }

    private static Map<String, String> metadata(AdapterContent content, ModuleNaming naming, List<TensorData> tensors)
            throws IOException {
        Map<String, String> metadata = record(content, naming);
        metadata.put("format", "pt");
        metadata.put("amend4j.dl4j", DL4J);
        metadata.put(AdapterDigest.KEY, AdapterDigest.of(metadata, tensors));
        return Collections.unmodifiableMap(metadata);
    }

    /** What the file says of the adapter beside the tensors, and is checked when it is read. */
    private static Map<String, String> record(AdapterContent content, ModuleNaming naming) {
        Blueprint blueprint = Blueprint.of(content);
        Map<String, String> record = new TreeMap<>();
        record.put("amend4j.version", VERSION);
        record.put("amend4j.base.sha256", content.baseSha256());
        record.put("amend4j.base.layers", StrictJson.compact(content.layerSha256()));
        record.put("amend4j.config", blueprint.configText());
        record.put("amend4j.keys", blueprint.keysText(naming));
        record.put("amend4j.peft", content.peftCompatibility().name().toLowerCase(Locale.ROOT));
        return record;
    }
}
