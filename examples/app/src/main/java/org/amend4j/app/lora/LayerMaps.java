/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.app.lora.NetworkMap.Kind;
import org.amend4j.app.lora.NetworkMap.Part;
import org.amend4j.app.lora.NetworkMap.Role;
import org.amend4j.html.HtmlView;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.TiesParameters;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterReport;
import org.amend4j.lora.AdapterReport.LayerReport;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Maps of networks: what is adapted, what is trained, what stays as it is. */
public final class LayerMaps {

    private LayerMaps() {}

    /** Of an adapted model as it is when the page is written. */
    public static HtmlView of(AdaptedModel model) {
        return () -> map(model).toHtml();
    }

    /** Of a model that nothing is on yet. */
    public static HtmlView of(BaseModel base) {
        return () -> map(base).toHtml();
    }

    /**
     * A layer that an adapter without its base is on, or that was trained in full.
     *
     * @param how the adapter is made; empty if there is none
     */
    public record Trained(String name, String how, long parameters) {

        /** With an adapter. */
        public static Trained adapted(String name, int rank, double scaling, long parameters) {
            return new Trained(
                    name,
                    String.format(Locale.ROOT, "adapter of rank %d, scaling %s", rank, plain(scaling)),
                    parameters);
        }

        /** An embedding with trained tokens. */
        public static Trained tokens(String name, int tokens, long parameters) {
            return new Trained(name, tokens + (tokens == 1 ? " token" : " tokens"), parameters);
        }

        /** Without. */
        public static Trained inFull(String name, long parameters) {
            return new Trained(name, "", parameters);
        }
    }

    /** Of an adapter without its base. */
    public static HtmlView of(List<Trained> layers) {
        List<Part> parts = layers.stream()
                .map(layer -> new Part(
                        layer.name(),
                        Kind.UNKNOWN,
                        layer.how().isEmpty() ? Role.IN_FULL : Role.ADAPTED,
                        layer.how(),
                        0,
                        layer.parameters()))
                .toList();
        long trained = layers.stream().mapToLong(Trained::parameters).sum();
        String summary = String.format(
                Locale.ROOT, "%,d trained parameters. What lies between these layers only the base knows.", trained);
        return new NetworkMap("What is adapted", summary, parts);
    }

    /** How many parameters a base has; a table that is a head's weight too counts once. */
    public static long parameters(BaseModel base) {
        return base.parameterCount() - TiesParameters.copied(base.network());
    }

    private static NetworkMap map(AdaptedModel model) {
        AdapterReport report = model.report();
        ComputationGraphConfiguration network = model.base().configuration();
        Map<String, AdapterSpec> specs =
                model.adapters().stream().collect(Collectors.toMap(AdapterSpec::target, spec -> spec));
        List<Part> parts = new ArrayList<>();
        for (LayerReport layer : report.layers()) {
            AdapterSpec spec = specs.get(layer.name());
            parts.add(new Part(
                    model.base().shown(layer.name()),
                    kind(Objects.requireNonNull(network.getVertices().get(layer.name()))),
                    role(layer.status()),
                    spec == null ? "" : how(spec),
                    layer.baseParameters(),
                    layer.trainable()));
        }
        String summary = String.format(
                Locale.ROOT,
                "From input to output. The base has %,d parameters; %,d are trained, %s of all %,d.",
                parameters(model.base()),
                report.trainable(),
                percent(report.trainablePercent()),
                report.total());
        return new NetworkMap("What is adapted", summary, parts);
    }

    private static String percent(double percent) {
        return String.format(Locale.ROOT, percent < 0.1 ? "%.1e %%" : "%.1f %%", percent);
    }

    private static Role role(AdapterReport.Status status) {
        return switch (status) {
            case ADAPTED, BIASES, TOKENS -> Role.ADAPTED;
            case TRAINED_IN_FULL -> Role.IN_FULL;
            case PREFIX -> Role.BELOW;
            case FROZEN -> Role.PASSED;
        };
    }

    /** Four significant digits at most. */
    private static String plain(double value) {
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
        return value < 1e-4 || value >= 1e6 ? rounded.toString() : rounded.toPlainString();
    }

    private static String how(AdapterSpec spec) {
        return String.format(
                Locale.ROOT,
                "adapter of rank %d, alpha %s, scaling %s",
                spec.rank(),
                plain(spec.alpha()),
                plain(spec.scaling()));
    }

    private static NetworkMap map(BaseModel base) {
        Set<String> adaptable = Set.copyOf(AdaptedModel.adaptableLayers(base));
        List<Part> parts = new ArrayList<>();
        ComputationGraphConfiguration network = base.configuration();
        for (String name : GraphLayers.vertices(network)) {
            long parameters = base.parameters(name).values().stream()
                    .mapToLong(INDArray::length)
                    .sum();
            GraphVertex vertex = Objects.requireNonNull(network.getVertices().get(name), name);
            if (parameters > 0 || vertex instanceof LayerVertex) {
                Role role = adaptable.contains(name) ? Role.ADAPTABLE : Role.OTHER;
                parts.add(new Part(base.shown(name), kind(vertex), role, "", parameters, 0));
            }
        }
        String summary = String.format(
                Locale.ROOT,
                "From input to output: %,d parameters, %d layers that can take an adapter.",
                parameters(base),
                adaptable.size());
        return new NetworkMap("What can be adapted", summary, parts);
    }

    private static Kind kind(GraphVertex vertex) {
        if (!(vertex instanceof LayerVertex one)) {
            return new Kind(vertex.getClass().getSimpleName(), "");
        }
        Layer layer = Unfrozen.of(one.getLayerConf().getLayer());
        return new Kind(layer.getClass().getSimpleName().replaceAll("(?<=.)Layer$", ""), shape(layer));
    }

    private static String shape(Layer layer) {
        List<Integer> kernel =
                LayerKinds.weight(layer).map(WeightMatrix::kernel).orElse(List.of());
        String window = kernel.stream().map(String::valueOf).collect(Collectors.joining("\u00d7"));
        if (layer instanceof FeedForwardLayer plain && plain.getNIn() > 0 && plain.getNOut() > 0) {
            String sizes = plain.getNIn() + " \u2192 " + plain.getNOut();
            return window.isEmpty() ? sizes : window + ", " + sizes;
        }
        return LayerKinds.activation(layer).map(Object::toString).orElse("");
    }
}
