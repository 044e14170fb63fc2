/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.ResidualBase;
import org.amend4j.internal.lora.init.StartFactors;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.network.TiedLayers;
import org.amend4j.internal.network.TrainsTokens;
import org.amend4j.lora.ResolvedLoraConfig.Candidate;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.AdaptedTokens;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.FactorTraining;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.lora.file.PeftOrigin;
import org.amend4j.model.BaseModel;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.probe.Probe;
import org.amend4j.probe.ProbeReport;
import org.amend4j.probe.Probes;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A base model with LoRA adapters on it. {@link #graph()} is an ordinary Deeplearning4j graph whose parameter vector
 * holds only the adapters and the layers trained in full: train it with {@code fit}, add listeners, clone and save it like
 * any other. The base's weights are shared and never change.
 *
 * <p>Frozen parts run in test mode even during training: no dropout, stored batch statistics. (PEFT leaves the base's
 * dropout on.)
 *
 * <p>Known limits: a recurrent layer inside of Deeplearning4j's {@code LastTimeStep} or {@code MaskZeroLayer} keeps no state
 * between calls of {@code rnnTimeStep} or segments of truncated back-propagation.
 */
public final class AdaptedModel {

    private final BaseModel base;
    private final ResidualBase standing;
    private final ResolvedLoraConfig fit;
    private final AdaptedConfiguration configuration;
    private final ComputationGraph graph;
    private final AdapterSwitch adapters;
    private @Nullable ComputationGraph tail;
    private ProbeReport probed = new ProbeReport.Declined();
    private Optional<PeftOrigin> origin = Optional.empty();

    private AdaptedModel(
            BaseModel base,
            ResidualBase standing,
            ResolvedLoraConfig fit,
            FineTuneConfiguration training,
            FactorTraining factors) {
        this.base = base;
        this.standing = standing;
        this.fit = fit;
        this.configuration = new AdaptedConfiguration(standing.model(), fit, Tokens.tied(base, fit), training);
        configuration.trainFactors(factors);
        this.graph = new ComputationGraph(configuration.configuration());
        this.adapters = new AdapterSwitch(graph, fit.trainedInFull(), this::copyFromBase);
    }

    /**
     * Puts fresh adapters on a base. The graph computes what the base computes, with starts that move a part of its weights
     * into the factors up to rounding: those adapters stand on a copy of the base without that part, which lives, and
     * takes the base's memory once more, as long as the model or a graph made from it does. A few made-up rows through both show that it does, see {@link Probe#automatic()}: the base's network
     * is run once, so nobody else may be using it.
     *
     * @param base the frozen model
     * @param config ranks, targets and the like
     * @param training updater, regularisation, seed and so on of everything that trains; nothing is inherited from the
     *     base for adapters but its updater if none is set here
     * @throws IllegalArgumentException if the configuration does not fit the base; nothing is changed
     * @throws org.amend4j.probe.DifferentGraphException if the graph, adapters aside, does not compute what the base computes
     */
    public static AdaptedModel attach(BaseModel base, LoraConfig config, FineTuneConfiguration training) {
        return attach(base, config, training, Probe.automatic());
    }

    /**
     * As {@link #attach(BaseModel, LoraConfig, FineTuneConfiguration)}.
     *
     * @param probe the rows through base and graph, or none
     * @throws IllegalArgumentException also if the base does not take the rows given
     */
    public static AdaptedModel attach(BaseModel base, LoraConfig config, FineTuneConfiguration training, Probe probe) {
        return attach(base, ResolvedLoraConfig.of(base, config), training, probe);
    }

    /**
     * As {@link #attach(BaseModel, LoraConfig, FineTuneConfiguration)}, with a configuration that was fitted to the base.
     *
     * @throws IllegalArgumentException also if it was fitted to another base, and this one has no such layers
     */
    public static AdaptedModel attach(
            BaseModel base, ResolvedLoraConfig fit, FineTuneConfiguration training, Probe probe) {
        return attach(base, fit, Attachment.of(training).withProbe(probe));
    }

    /**
     * As {@link #attach(BaseModel, LoraConfig, FineTuneConfiguration)}, with what that call leaves at its defaults.
     *
     * @throws IllegalArgumentException also if the start needs examples and there are none, or a layer does not show their rows
     */
    public static AdaptedModel attach(BaseModel base, LoraConfig config, Attachment how) {
        return attach(base, ResolvedLoraConfig.of(base, config), how);
    }

    /**
     * As {@link #attach(BaseModel, LoraConfig, Attachment)}, with a configuration that was fitted to the base. EVA's ranks are then
     * those of {@link #adapters()}.
     *
     * @throws IllegalArgumentException also if it was fitted to another base, and this one has no such layers
     */
    public static AdaptedModel attach(BaseModel base, ResolvedLoraConfig wish, Attachment how) {
        AdaptedConfiguration.requireTargets(base.configuration(), wish);
        Optional<DataStarts> data =
                wish.config().init().needsData() ? Optional.of(seen(base, wish, how)) : Optional.empty();
        ResolvedLoraConfig fit = data.map(ofExamples -> ofExamples.fitted(wish)).orElse(wish);
        Map<AdaptedWeight, StartFactors> starts = new AdapterStarts(base, seed(base, how.training()), data).of(fit);
        AdaptedModel model =
                new AdaptedModel(base, ResidualBase.of(base, fit, starts), fit, how.training(), how.factors());
        model.graph.init();
        starts.forEach((weight, start) -> model.setFactors(weight, start.a(), start.b()));
        fit.trainedInFull().forEach(model::copyFromBase);
        return model.ready(how.probe());
    }

    /** What the base's layers see of the examples: with fresh plain adapters they compute what they do without. */
    private static DataStarts seen(BaseModel base, ResolvedLoraConfig fit, Attachment how) {
        AdapterInit init = fit.config().init();
        StartData data = how.data()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the start " + init + " needs examples: attach with Attachment.withData"));
        AdaptedModel plain = attach(base, fit.startingWith(AdapterInit.DEFAULT), how.training(), Probe.none());
        return DataStarts.through(plain, init, data);
    }

    private static long seed(BaseModel base, FineTuneConfiguration training) {
        Long own = training.getSeed();
        return own == null ? base.configuration().getDefaultConfiguration().getSeed() : own;
    }

    /** With parameters in the graph. */
    private AdaptedModel ready(Probe probe) {
        standing.giveBack(graph);
        tie(graph);
        AdapterUpdater.install(graph);
        try (AdapterScope off = disable()) {
            probed = Probes.run(probe, base.network(), graph);
        }
        return this;
    }

    /** Rows of tokens that are in a head, too, are copied there, and train as one. */
    private void tie(ComputationGraph some) {
        configuration.tied().forEach(tied -> {
            TiedLayers tie = tied.listener();
            tie.copy(some);
            some.addListeners(tie);
        });
    }

    /** Refuses rows that went apart: who replaces the graph's listeners unties them. */
    private void requireTied() {
        for (Tokens.Tied tied : configuration.tied()) {
            INDArray rows = parameter(tied.ofTable().vertex(), TrainsTokens.ROWS);
            if (!ArrayBytes.same(rows, parameter(tied.ofHead().vertex(), TrainsTokens.ROWS))) {
                throw new IllegalStateException(
                        "the trained tokens of '" + tied.ofTable().vertex() + "' and of its head '"
                                + tied.ofHead().vertex() + "' must be the same, got others: add listeners to the graph"
                                + " (addListeners), and do not replace the one that keeps them so (setListeners)");
            }
        }
    }

    /** Names of the base's layers that can take an adapter, in topological order; may be empty. */
    public static List<String> adaptableLayers(BaseModel base) {
        return AdaptedConfiguration.candidates(base.configuration()).stream()
                .map(candidate -> candidate.weight().vertex())
                .distinct()
                .toList();
    }

    /** Names of the base's weights that an adapter can add to, in topological order; may be empty. */
    public static List<String> adaptableWeights(BaseModel base) {
        return AdaptedConfiguration.candidates(base.configuration()).stream()
                .map(Candidate::name)
                .toList();
    }

    /**
     * Loads a saved adapter onto its base. Nothing is changed unless everything fits; the graph shows on made-up rows that
     * it computes what the base computes, as in {@link #attach(BaseModel, LoraConfig, FineTuneConfiguration)}.
     *
     * @param base the model the adapter was made for
     * @param directory what {@link #save} wrote
     * @param training updater and so on for further training
     * @throws IOException if the files are missing, damaged or not an adapter
     * @throws IllegalArgumentException if the adapter was made for another base or its arrays do not fit
     */
    public static AdaptedModel load(BaseModel base, Path directory, FineTuneConfiguration training) throws IOException {
        return load(base, directory, training, Probe.automatic());
    }

    /**
     * As {@link #load(BaseModel, Path, FineTuneConfiguration)}.
     *
     * @param probe the rows through base and graph, or none
     * @throws IllegalArgumentException also if the base does not take the rows given
     */
    public static AdaptedModel load(BaseModel base, Path directory, FineTuneConfiguration training, Probe probe)
            throws IOException {
        return load(base, AdapterFile.read(directory), training, probe);
    }

    /**
     * Loads an adapter that Hugging Face PEFT wrote for a PyTorch twin of the base. Such a file has no fingerprint: that the
     * base is the twin is the caller's word.
     *
     * @param moduleToVertex the vertex of every module in the file, and of no other
     * @throws IOException if the files are missing, damaged or hold what this library cannot compute
     * @throws IllegalArgumentException if the arrays do not fit the base's layers
     */
    public static AdaptedModel load(
            BaseModel base, Path directory, Map<String, String> moduleToVertex, FineTuneConfiguration training)
            throws IOException {
        return load(base, directory, ModuleMap.of(moduleToVertex), training);
    }

    /**
     * As {@link #load(BaseModel, Path, Map, FineTuneConfiguration)}, with a map that may go by the names:
     * {@code ModuleMap.bySameNames()} where every module is called as its vertex.
     *
     * @throws IOException if the files are missing, damaged or hold what this library cannot compute
     * @throws IllegalArgumentException if a module has no vertex, or the arrays do not fit the base's layers
     */
    public static AdaptedModel load(BaseModel base, Path directory, ModuleMap map, FineTuneConfiguration training)
            throws IOException {
        List<String> layers = AdaptedConfiguration.layersWithParameters(base.configuration());
        return load(base, AdapterFile.read(directory, map, layers), training, Probe.automatic());
    }

    /**
     * Puts an adapter on its base. The arrays are copied.
     *
     * @throws IllegalArgumentException if the adapter was made for another base or its arrays do not fit
     */
    public static AdaptedModel load(BaseModel base, AdapterContent content, FineTuneConfiguration training) {
        return load(base, content, training, Probe.automatic());
    }

    private static AdaptedModel load(BaseModel base, AdapterContent read, FineTuneConfiguration training, Probe probe) {
        read.requireBase(base);
        AdapterContent content = read.fittedTo(base);
        AdaptedModel model = new AdaptedModel(
                base, ResidualBase.itself(base), ResolvedLoraConfig.of(base, content), training, FactorTraining.PLAIN);
        model.graph.init(model.configuration.zeros(), false);
        AdapterTransfer.copy(content, model);
        model.origin = content.origin();
        return model.ready(probe);
    }

    /**
     * Saves the adapters and the layers trained in full as a directory that Hugging Face PEFT reads. The base is not
     * saved, only its fingerprint; adapters that started with a part of its weights are saved as plain ones of twice the rank,
     * which compute the same on it. Updater state is not saved either: use Deeplearning4j's {@code ModelSerializer} on
     * {@link #graph()} to resume training exactly.
     *
     * @param directory created if missing; files are replaced atomically
     * @throws IOException if it cannot be written
     * @throws IllegalArgumentException if a value is NaN or infinite; nothing is written
     * @throws IllegalStateException while the adapters are disabled
     */
    public void save(Path directory) throws IOException {
        AdapterFile.write(directory, content());
    }

    /**
     * As {@link #save}, but only if PEFT loads the adapter and computes every layer exactly as this library does.
     *
     * @throws IllegalArgumentException also if it does not, naming the layers
     * @throws IOException if it cannot be written
     */
    public void saveForPeft(Path directory) throws IOException {
        AdapterFile.writeForPeft(directory, content(), AdaptedConfiguration.layersWithParameters(base.configuration()));
    }

    /**
     * The adapters and the layers trained in full. The arrays are the graph's own: they change when it trains.
     *
     * @throws IllegalStateException while the adapters are disabled, or if trained tokens and those of a tied head went apart
     */
    public AdapterContent content() {
        if (!isEnabled()) {
            throw new IllegalStateException("an adapter cannot be saved while it is disabled");
        }
        requireTied();
        return AdapterTransfer.of(this);
    }

    /** What the files that it was loaded from say beside what is computed. */
    Optional<PeftOrigin> origin() {
        return origin;
    }

    /** The plain graph to train and use. Only adapters and layers trained in full are in its parameter vector. */
    public ComputationGraph graph() {
        return graph;
    }

    /** The frozen model underneath. */
    public BaseModel base() {
        return base;
    }

    /** The configuration the adapters were made from. */
    public LoraConfig config() {
        return fit.config();
    }

    /** What showed that the graph, adapters off, computes what the base computes. */
    public ProbeReport probed() {
        return probed;
    }

    /** The adapters the configuration led to, in the network's order. */
    public List<AdapterSpec> adapters() {
        return fit.adapters();
    }

    /** What they add to. */
    ResidualBase standing() {
        return standing;
    }

    /** The same with the weights that they add to. */
    List<WeightAdapter> weights() {
        return fit.weights();
    }

    /** Biases of the base that train too. */
    List<AdaptedBias> biases() {
        return fit.biases();
    }

    /** Tokens of the base's embeddings that train too. */
    List<AdaptedTokens> tokens() {
        return fit.tokens();
    }

    /** The same ones of heads that have these embeddings' tables. */
    List<AdaptedTokens> tokensOfHeads() {
        return configuration.tied().stream().map(Tokens.Tied::ofHead).toList();
    }

    /** Names of the layers trained in full, in the network's order. */
    public List<String> trainedInFull() {
        return fit.trainedInFull();
    }

    /**
     * Vertices (or network inputs) of the frozen prefix that the rest of the graph reads, in the order of
     * {@link #tail()}'s inputs. Their activations depend on the example alone.
     */
    public List<String> cut() {
        return configuration.cut();
    }

    /** Whether anything lies below the first trainable layer besides the network's inputs. */
    public boolean hasPrefix() {
        return configuration.hasPrefix();
    }

    /**
     * The frozen prefix on the CPU: the network's inputs in, activations at the {@linkplain #cut() cut} out.
     *
     * @return empty if there is no prefix, or if something outside of it also reads a network input
     */
    public Optional<HostPrefix> prefix() {
        boolean readsInputs = cut().stream().anyMatch(graph.getConfiguration().getNetworkInputs()::contains);
        return hasPrefix() && !readsInputs ? Optional.of(HostPrefix.of(base.network(), cut())) : Optional.empty();
    }

    /**
     * The graph without its frozen prefix, fed with activations at the {@linkplain #cut() cut}. It shares the parameter
     * vector with {@link #graph()}: training one trains the other. Updater state and iteration counts are its own.
     */
    public ComputationGraph tail() {
        ComputationGraph result = tail;
        if (result == null) {
            result = new ComputationGraph(configuration.tail());
            result.init(graph.params(), false);
            AdapterUpdater.install(result);
            standing.giveBack(result);
            tie(result);
            adapters.alsoOf(result);
            tail = result;
        }
        return result;
    }

    /**
     * Switches the adapters off, and layers trained in full back to the base's values, until the scope is closed. The
     * graph then computes what the base computes: the same bytes, on any processor, but for convolutions, dense layers on rows of
     * tokens and what is above these, which round otherwise. Do not train inside.
     */
    public AdapterScope disable() {
        return adapters.off();
    }

    /** Whether the adapters are on. */
    public boolean isEnabled() {
        return adapters.areOn();
    }

    /** Gives a weight's adapter other factors. */
    void setFactors(AdaptedWeight weight, INDArray a, INDArray b) {
        parameter(weight.vertex(), weight.keyOfA()).assign(a);
        parameter(weight.vertex(), weight.keyOfB()).assign(b);
    }

    private void copyFromBase(String name) {
        base.parameters(name).forEach((key, values) -> parameter(name, key).assign(values));
    }

    /** What trains of a vertex under a key. */
    INDArray parameter(String name, String key) {
        return Objects.requireNonNull(graph.getVertex(name).paramTable(false).get(key), key);
    }

    /**
     * A plain network with {@code W + s·A·B} in place of W and the trained heads, biases and rows of tokens in place of the base's.
     *
     * @throws IllegalArgumentException if a merged weight is NaN or infinite; nothing is changed
     * @throws IllegalStateException if trained tokens and those of a tied head went apart
     */
    public MergedModel merge() {
        requireTied();
        return new Merging(this).merged();
    }

    /** What trains and what does not, counted from the graph itself. */
    public AdapterReport report() {
        return new TrainedParts(base, graph, fit, configuration.prefix()).report();
    }

    @Override
    public String toString() {
        return "AdaptedModel[" + base.fingerprint() + ", " + report().summary() + "]";
    }
}
