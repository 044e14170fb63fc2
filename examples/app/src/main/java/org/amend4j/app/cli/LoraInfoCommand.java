/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.model.BaseModel;
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
final class LoraInfoCommand extends Job {

    @Parameters(
            paramLabel = "PATH",
            description = "An adapter's directory, ours or PEFT's, or a Deeplearning4j model zip.")
    private Path path = Path.of("");

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
        AdapterSummary summary = summary();
        if (!summary.ours()) {
            return PeftInfo.of(summary);
        }
        AdapterContent content = content();
        List<Map<String, Object>> layers = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        content.factors().forEach(layer -> {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("name", layer.vertex());
            facts.put("rank", layer.spec().rank());
            facts.put("scaling", layer.spec().scaling());
            facts.put("parameters", layer.a().length() + layer.b().length());
            layers.add(facts);
            text.append(String.format(
                    Locale.ROOT,
                    "%n  %-32s rank %d, scaling %.4g",
                    layer.vertex(),
                    layer.spec().rank(),
                    layer.spec().scaling()));
        });
        content.fullLayers()
                .forEach(layer -> text.append(String.format(Locale.ROOT, "%n  %-32s trained in full", layer.vertex())));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("kind", "adapter");
        facts.put("base", content.baseSha256());
        facts.put("rank", content.config().rank());
        facts.put("alpha", content.config().alpha());
        facts.put("adapted", layers);
        facts.put(
                "trainedInFull",
                content.fullLayers().stream().map(layer -> layer.vertex()).toList());
        facts.put("peft", content.peftCompatibility().toString().toLowerCase(Locale.ROOT));
        facts.put("classes", DataRecord.read(path).classes());
        String base = content.baseSha256().isEmpty() ? "(not on record)" : content.baseSha256();
        return new Report(facts, "adapter of the base model " + base + text);
    }

    private AdapterSummary summary() {
        try {
            return AdapterSummary.read(path);
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    private AdapterContent content() {
        try {
            return AdapterFile.read(path);
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    private Report model() {
        BaseModel base = Models.open(path);
        List<Map<String, Object>> layers = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        Set<String> adaptable = Set.copyOf(AdaptedModel.adaptableLayers(base));
        ComputationGraphConfiguration network = base.configuration();
        for (String name : network.getTopologicalOrderStr()) {
            if (!network.getVertices().containsKey(name) || parameters(base, name) == 0) {
                continue;
            }
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("name", name);
            facts.put("type", type(network, name));
            facts.put("parameters", parameters(base, name));
            facts.put("adaptable", adaptable.contains(name));
            layers.add(facts);
            text.append(String.format(
                    Locale.ROOT,
                    "%n  %-32s %-24s %,12d%s",
                    name,
                    type(network, name),
                    parameters(base, name),
                    adaptable.contains(name) ? "  can be adapted" : ""));
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("kind", "model");
        facts.put("fingerprint", base.fingerprint().hex());
        facts.put("parameters", base.parameterCount());
        facts.put("layers", layers);
        return new Report(
                facts,
                String.format(
                        Locale.ROOT,
                        "model %s, %,d parameters%s",
                        base.fingerprint().hex(),
                        base.parameterCount(),
                        text));
    }

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
