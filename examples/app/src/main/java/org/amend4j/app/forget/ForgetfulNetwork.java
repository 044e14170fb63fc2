/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.certificate.Digests;
import org.amend4j.data.BadInputException;
import org.amend4j.data.NetworkInput;
import org.amend4j.graph.BlockPlace;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.model.GraphBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.provable.ProvableGraphs;
import org.amend4j.provable.ProvableOptions;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.recording.PlainSgd;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/** A network and its trained part: everything, its output layer, or an adapter. The network itself is never changed. */
public final class ForgetfulNetwork {

    private static final String BASE = "base.zip";
    private static final String ADAPTER = "adapter";
    private static final String MODEL = "model.zip";

    private final BaseModel base;
    private final Optional<AdaptedModel> adapted;
    private final BlockPlace place;

    private ForgetfulNetwork(BaseModel base, Optional<AdaptedModel> adapted) {
        this(base, adapted, BlockPlace.HERE);
    }

    private ForgetfulNetwork(BaseModel base, Optional<AdaptedModel> adapted, BlockPlace place) {
        this.base = base;
        this.adapted = adapted;
        this.place = place;
    }

    /** The same network; if its gradients are added up in blocks, they are computed at another place, with the same bits. */
    public ForgetfulNetwork at(BlockPlace other) {
        return new ForgetfulNetwork(base, adapted, other);
    }

    /** Where gradients in blocks are computed: in this process by default. */
    BlockPlace place() {
        return place;
    }

    /**
     * A network of which everything learns.
     *
     * @param toDouble whether one in lower precision is converted
     * @throws BadInputException if the file is no network, or not in double precision
     */
    public static ForgetfulNetwork whole(Path zip, boolean toDouble) {
        BaseModel base = open(zip);
        if (base.dataType() == DataType.DOUBLE) {
            return new ForgetfulNetwork(base, Optional.empty());
        }
        if (!toDouble) {
            throw new BadInputException("a model to be unlearned from must be DOUBLE, " + zip + " is " + base.dataType()
                    + ", whose rounding exceeds the bounds: --to-double converts it");
        }
        return new ForgetfulNetwork(BaseModel.of(base.network().convertDataType(DataType.DOUBLE)), Optional.empty());
    }

    /**
     * A network, of which everything learns, as something else trained it.
     *
     * @param trained its penalties are left out of its configuration: they are the recipe's weight decay
     * @param file where it comes from, for the message
     * @throws BadInputException if it is not in double precision
     */
    static ForgetfulNetwork trainedElsewhere(ComputationGraph trained, Path file) {
        DataType type = trained.getConfiguration().getDataType();
        if (type != DataType.DOUBLE) {
            throw new BadInputException("a model to be adopted must have been trained in DOUBLE, " + file + " is "
                    + type + ", whose rounding exceeds the bounds: unlearn train --to-double trains it anew");
        }
        try {
            return new ForgetfulNetwork(BaseModel.of(PlainSgd.withoutPenalties(trained)), Optional.empty());
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(file + ": " + bad.getMessage(), bad);
        }
    }

    /**
     * A network that something else trained, in DOUBLE, of which the output layer is 0 again: whatever it had learned is gone, and what
     * learns it anew begins where nobody's records are.
     *
     * @param head whether the output layer alone learns, as {@link #withHead} says; everything else is frozen
     * @throws BadInputException if the file is no network
     */
    public static ForgetfulNetwork withoutWhatItLearned(Path zip, boolean head) {
        ForgetfulNetwork whole = whole(zip, true);
        ComputationGraph plain = PlainSgd.withoutPenalties(whole.base.plainCopy());
        plain.getLayer(whole.output()).paramTable().values().forEach(values -> values.assign(0));
        ForgetfulNetwork fresh = new ForgetfulNetwork(BaseModel.of(plain), Optional.empty());
        return head ? fresh.withHead() : fresh;
    }

    private static BaseModel open(Path zip) {
        try {
            return BaseModel.open(zip);
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
    }

    /** The same network with its output layer learning in full. */
    public ForgetfulNetwork withHead() {
        return attached(LoraConfig.of(1, 1).withTrainedInFull(output()).withTargets(), 0);
    }

    /**
     * The same network with a fresh adapter on its output layer.
     *
     * @param seed of the factor A, public
     */
    public ForgetfulNetwork withAdapter(int rank, double alpha, long seed) {
        return attached(LoraConfig.of(rank, alpha).withTargets(output()), seed);
    }

    private String output() {
        NetworkInput.outputColumns(base.configuration());
        return base.configuration().getNetworkOutputs().get(0);
    }

    private ForgetfulNetwork attached(LoraConfig config, long seed) {
        FineTuneConfiguration plain = new FineTuneConfiguration.Builder()
                .seed(seed)
                .updater(new Sgd(1))
                .build();
        return new ForgetfulNetwork(base, Optional.of(AdaptedModel.attach(base, config, plain)), place);
    }

    /**
     * The same network with a saved adapter.
     *
     * @throws BadInputException if there is none that fits
     */
    public ForgetfulNetwork withAdapter(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new BadInputException("there is no adapter directory " + directory);
        }
        return new ForgetfulNetwork(base, Optional.of(load(directory)), place);
    }

    private AdaptedModel load(Path directory) {
        try {
            return AdaptedModel.load(
                    base,
                    directory,
                    new FineTuneConfiguration.Builder().updater(new Sgd(1)).build());
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
    }

    /** The network's file. */
    byte[] baseFile() {
        return GraphBytes.of(base.network());
    }

    /** The file of the adapted graph, which names its base; empty if everything learns. */
    Optional<byte[]> adaptedFile() {
        return adapted.map(model -> GraphBytes.of(model.graph()));
    }

    /** Writes it into a folder. */
    void write(Path folder) throws IOException {
        GraphBytes.write(base.network(), folder.resolve(BASE));
        if (adapted.isPresent()) {
            adapted.get().save(folder.resolve(ADAPTER));
        }
    }

    /** SHA-256 of the network in a folder. */
    static String baseDigest(Path folder) throws IOException {
        Path zip = folder.resolve(BASE);
        if (!Files.isRegularFile(zip)) {
            throw new BadInputException(folder + " is damaged: it has no " + BASE);
        }
        return Digests.of(zip);
    }

    /** SHA-256 of the adapter in a folder; empty if it has none. */
    static String adapterDigest(Path folder) throws IOException {
        Path adapter = folder.resolve(ADAPTER);
        return Files.isDirectory(adapter) ? Digests.ofFolder(adapter) : "";
    }

    /**
     * What was written into a folder.
     *
     * @throws BadInputException if it is not the same any more
     */
    static ForgetfulNetwork read(Path folder, ForgettingSettings.Origin origin) throws IOException {
        if (!baseDigest(folder).equals(origin.base())) {
            throw new BadInputException(folder.resolve(BASE) + " is damaged: it is not the network that was stored");
        }
        if (!adapterDigest(folder).equals(origin.adapter())) {
            throw new BadInputException(folder.resolve(ADAPTER) + " is damaged: it is not the adapter that was stored");
        }
        ForgetfulNetwork network = whole(folder.resolve(BASE), false);
        return origin.adapter().isEmpty() ? network : network.withAdapter(folder.resolve(ADAPTER));
    }

    /** What it takes and gives. */
    ComputationGraphConfiguration configuration() {
        return base.configuration();
    }

    /** The parameters that learn. */
    double[] parameters() {
        return ParameterVectors.of(adapted.map(AdaptedModel::graph).orElse(base.network()));
    }

    /**
     * A layer that makes this another network than one that was trained to be it; empty if there is none.
     *
     * @param trained of which the same part learns
     */
    Optional<String> differsFrom(ForgetfulNetwork trained) {
        if (!base.layerFingerprints()
                .keySet()
                .equals(trained.base.layerFingerprints().keySet())) {
            return Optional.of("it has the layers " + base.layerFingerprints().keySet() + ", not "
                    + trained.base.layerFingerprints().keySet());
        }
        for (String name : base.layerFingerprints().keySet()) {
            Map<String, INDArray> mine = base.parameters(name);
            Map<String, INDArray> others = trained.base.parameters(name);
            boolean learns = adapted.isEmpty() || name.equals(output());
            for (String key : mine.keySet()) {
                INDArray other = others.get(key);
                if (other == null || !Arrays.equals(mine.get(key).shape(), other.shape())) {
                    return Optional.of("parameter " + key + " of layer '" + name + "' has another shape");
                }
                if (!learns && !Arrays.equals(ParameterVectors.of(mine.get(key)), ParameterVectors.of(other))) {
                    return Optional.of(
                            "parameter " + key + " of layer '" + name + "', which does not learn, is another");
                }
            }
        }
        return Optional.empty();
    }

    /** What certificates name. */
    Map<String, String> hashes(ForgettingSettings.Origin origin) {
        Map<String, String> hashes = new TreeMap<>();
        hashes.put("base", base.fingerprint().hex());
        if (!origin.adapter().isEmpty()) {
            hashes.put("adapter", origin.adapter());
        }
        return hashes;
    }

    /**
     * What is learnt on some records.
     *
     * @param rate of the batches
     * @throws IllegalArgumentException naming what is in the way of proofs
     */
    ProvableProblem problem(Records records, ForgettingSettings settings, double rate) {
        return problem(records, settings.options(rate, place));
    }

    /** As {@link #problem(Records, ForgettingSettings, double)}, with options that no settings have. */
    ProvableProblem problem(Records records, ProvableOptions options) {
        return adapted.map(model -> ProvableGraphs.of(model, records, options))
                .orElseGet(() -> ProvableGraphs.of(base.network(), records, options));
    }

    /** A graph with these parameters. */
    ComputationGraph with(ProvableProblem problem, double[] theta) {
        ComputationGraph graph = adapted.map(AdaptedModel::graph).orElseGet(base::plainCopy);
        problem.writeInto(graph, theta);
        return graph;
    }

    /** Writes a release: the network as {@code model.zip}, or the files of the adapter alone. */
    void release(ProvableProblem problem, double[] theta, Path folder) throws IOException {
        ComputationGraph graph = with(problem, theta);
        if (adapted.isPresent()) {
            adapted.get().save(folder);
        } else {
            GraphBytes.write(graph, folder.resolve(MODEL));
        }
    }

    /** The same network with the parameters of a release. */
    ForgetfulNetwork asReleased(Path folder) {
        return adapted.isPresent() ? withAdapter(folder) : whole(folder.resolve(MODEL), false);
    }

    /** A released graph. */
    ComputationGraph released(Path folder) {
        return adapted.isPresent()
                ? load(folder).graph()
                : open(folder.resolve(MODEL)).network();
    }
}
