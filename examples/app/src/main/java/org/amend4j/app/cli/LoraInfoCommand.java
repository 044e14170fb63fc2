/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.data.BadInputException;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.model.BaseModel;
import org.amend4j.safetensors.Printable;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Looks into files. */
@Command(
        name = "info",
        description = "What an adapter's directory holds, or which layers of a model zip can be adapted.")
final class LoraInfoCommand extends PageJob {

    @Parameters(
            paramLabel = "PATH",
            description = "An adapter's directory, ours or PEFT's, or a Deeplearning4j model zip.")
    private Path path = Path.of("");

    @Override
    String title() {
        return "What is in " + path.getFileName();
    }

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) {
        if (!Files.exists(path)) {
            throw new BadInputException("there is no " + path);
        }
        return Files.isDirectory(path) ? adapter() : model();
    }

    private Report adapter() {
        AdapterSummary summary = Models.read(path, AdapterSummary::read);
        if (!summary.ours()) {
            return PeftInfo.of(summary);
        }
        AdapterContent content = Models.read(path, AdapterFile::read);
        List<PeftInfo.Adapted> layers = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        content.factors().forEach(layer -> {
            layers.add(new PeftInfo.Adapted(
                    layer.name(), layer.spec().rank(), layer.spec().scaling(), layer.elements()));
            text.append(String.format(
                    Locale.ROOT,
                    "%n  %-32s rank %d, scaling %.4g",
                    Printable.line(layer.name()),
                    layer.spec().rank(),
                    layer.spec().scaling()));
        });
        content.fullLayers()
                .forEach(layer -> text.append(
                        String.format(Locale.ROOT, "%n  %-32s trained in full", Printable.line(layer.vertex()))));
        List<PeftInfo.Tokens> tokens = content.tokens().stream()
                .map(some -> new PeftInfo.Tokens(
                        some.vertex(), some.indices(), some.rows().length()))
                .toList();
        tokens.forEach(some ->
                text.append(String.format(Locale.ROOT, "%n  %-32s %s", Printable.line(some.name()), some.words())));
        Scheme scheme = content.config().scheme();
        if (!scheme.equals(Scheme.PLAIN)) {
            text.append(String.format(Locale.ROOT, "%n  beside the factors: %s", scheme));
        }
        AdapterFacts facts = new AdapterFacts(
                "adapter",
                content.baseSha256(),
                content.config().rank(),
                content.config().alpha(),
                new Held(
                        layers,
                        content.fullLayers().stream()
                                .map(layer -> layer.vertex())
                                .toList(),
                        tokens),
                content.peftCompatibility().toString().toLowerCase(Locale.ROOT),
                DataRecord.read(path).classes());
        String base = content.baseSha256().isEmpty() ? "(not on record)" : content.baseSha256();
        return new Report(facts, "adapter of the base model " + base + text)
                .showing(LayerMaps.of(Stream.of(
                                layers.stream().map(PeftInfo.Adapted::onMap),
                                content.fullLayers().stream().map(LoraInfoCommand::onMap),
                                tokens.stream().map(PeftInfo.Tokens::onMap))
                        .flatMap(Function.identity())
                        .toList()));
    }

    static LayerMaps.Trained onMap(FullLayer layer) {
        return LayerMaps.Trained.inFull(
                layer.vertex(),
                layer.parameters().values().stream().mapToLong(INDArray::length).sum());
    }

    /**
     * An adapter of ours, for JSON.
     *
     * @param base its fingerprint; empty if not on record
     * @param peft whether PEFT can read it
     * @param classes names in the order of the outputs; empty if not on record
     */
    private record AdapterFacts(
            String kind,
            String base,
            int rank,
            double alpha,
            @JsonUnwrapped Held held,
            String peft,
            List<String> classes) {}

    private record Held(
            List<PeftInfo.Adapted> adapted, List<String> trainedInFull, List<PeftInfo.Tokens> trainedTokens) {}

    private Report model() {
        BaseModel base = Models.open(path);
        List<Layer> layers = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        Set<String> adaptable = Set.copyOf(AdaptedModel.adaptableLayers(base));
        ComputationGraphConfiguration network = base.configuration();
        for (String name : network.getTopologicalOrderStr()) {
            if (!network.getVertices().containsKey(name) || parameters(base, name) == 0) {
                continue;
            }
            Layer layer = new Layer(name, type(network, name), parameters(base, name), adaptable.contains(name));
            layers.add(layer);
            text.append(String.format(
                    Locale.ROOT,
                    "%n  %-32s %-24s %,12d%s",
                    Printable.line(base.shown(layer.name())),
                    layer.type(),
                    layer.parameters(),
                    layer.adaptable() ? "  can be adapted" : ""));
        }
        ModelFacts facts = new ModelFacts("model", base.fingerprint().hex(), LayerMaps.parameters(base), layers);
        return new Report(
                        facts,
                        String.format(
                                Locale.ROOT,
                                "model %s, %,d parameters%s",
                                facts.fingerprint(),
                                facts.parameters(),
                                text))
                .showing(LayerMaps.of(base));
    }

    /** A model, for JSON. */
    private record ModelFacts(String kind, String fingerprint, long parameters, List<Layer> layers) {}

    /**
     * A layer with parameters, or a vertex.
     *
     * @param adaptable whether an adapter can be on it
     */
    private record Layer(String name, String type, long parameters, boolean adaptable) {}

    private static long parameters(BaseModel base, String vertex) {
        return base.parameters(vertex).values().stream()
                .mapToLong(INDArray::length)
                .sum();
    }

    private static String type(ComputationGraphConfiguration network, String vertex) {
        GraphVertex found = Objects.requireNonNull(network.getVertices().get(vertex), vertex);
        Object kind = found instanceof LayerVertex layer ? layer.getLayerConf().getLayer() : found;
        return kind.getClass().getSimpleName();
    }
}
