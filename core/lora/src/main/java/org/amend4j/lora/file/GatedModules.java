/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.config.Targets;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The first matrix of a gated DINOv2, one matrix here and in checkpoints, as the two modules that it is in memory since release 5 of
 * transformers: {@code gate_proj} is the first half of its outputs, {@code up_proj} the second. Both ways change no function: halves of
 * one adapter share A, and halves with an A each are one adapter of both ranks.
 */
final class GatedModules {

    private static final String WHOLE = ".mlp.weights_in";
    private static final List<String> HALVES = List.of(".mlp.gate_proj", ".mlp.up_proj");

    private GatedModules() {}

    /** These, and where they have such a matrix, its halves. */
    static Set<String> withHalves(Collection<String> layers) {
        Set<String> all = new LinkedHashSet<>(layers);
        layers.stream().filter(name -> isWhole(name, layers)).forEach(name -> all.addAll(halves(name)));
        return all;
    }

    /** The layers of a base as modules in memory. */
    static Set<String> inMemory(Collection<String> layers) {
        Set<String> all = withHalves(layers);
        all.removeIf(name -> isWhole(name, layers));
        return all;
    }

    /** An adapter as files name modules in memory. */
    static AdapterContent apart(AdapterContent content, Collection<String> base) {
        List<LayerFactors> factors = new ArrayList<>();
        for (LayerFactors one : content.factors()) {
            factors.addAll(
                    isWhole(one.vertex(), base)
                            ? both((name, half) -> GatedFactors.half(one, half, name, content.config()), one.vertex())
                            : List.of(one));
        }
        List<FullLayer> full = new ArrayList<>();
        for (FullLayer one : content.fullLayers()) {
            full.addAll(
                    isWhole(one.vertex(), base)
                            ? both((name, half) -> new FullLayer(name, one.kind(), cut(one, half)), one.vertex())
                            : List.of(one));
        }
        List<TrainedBias> biases = new ArrayList<>();
        for (TrainedBias one : content.biases()) {
            biases.addAll(
                    isWhole(one.vertex(), base)
                            ? both(
                                    (name, half) -> new TrainedBias(
                                            name,
                                            one.parameter(),
                                            one.torch(),
                                            GatedFactors.columns(one.values(), half)),
                                    one.vertex())
                            : List.of(one));
        }
        return with(content, factors, full, biases);
    }

    /**
     * An adapter as its base names layers.
     *
     * @throws IllegalArgumentException if halves cannot be one adapter: their scales differ, or one is missing of what needs both
     */
    static AdapterContent together(AdapterContent content, Collection<String> base) {
        Map<String, String> wholes = new HashMap<>();
        base.stream()
                .filter(name -> isWhole(name, base))
                .forEach(name -> halves(name).forEach(half -> wholes.put(half, name)));
        return with(
                content,
                joined(content.factors(), LayerFactors::vertex, wholes, (name, halves) -> {
                    halves.values().stream()
                            .filter(half -> !half.spec().scheme().equals(Scheme.PLAIN))
                            .findFirst()
                            .ifPresent(half -> requireBoth(name, halves));
                    return GatedFactors.whole(name, find(halves, name, 0), find(halves, name, 1), content.config());
                }),
                joined(content.fullLayers(), FullLayer::vertex, wholes, (name, halves) -> {
                    requireBoth(name, halves);
                    return whole(name, get(halves, name, 0), get(halves, name, 1));
                }),
                joined(content.biases(), TrainedBias::vertex, wholes, (name, halves) -> {
                    requireBoth(name, halves);
                    TrainedBias gate = get(halves, name, 0);
                    return new TrainedBias(
                            name,
                            gate.parameter(),
                            gate.torch(),
                            GatedFactors.glued(
                                    gate.values(), get(halves, name, 1).values()));
                }));
    }

    private static AdapterContent with(
            AdapterContent content, List<LayerFactors> factors, List<FullLayer> full, List<TrainedBias> biases) {
        if (factors.equals(content.factors()) && full.equals(content.fullLayers()) && biases.equals(content.biases())) {
            return content;
        }
        boolean named = content.origin().filter(PeftOrigin::isOfPeft).isEmpty()
                && full.equals(content.fullLayers())
                && follows(content.config(), factors);
        return new AdapterContent(
                named ? content.config() : ForeignReader.config(content.config(), factors, full),
                content.baseSha256(),
                content.layerSha256(),
                factors,
                full,
                biases,
                content.tokens(),
                content.origin());
    }

    /** Whether a configuration is of these, too: it names no halves, and has their ranks. */
    private static boolean follows(LoraConfig config, List<LayerFactors> factors) {
        boolean halves = config.targets() instanceof Targets.Names names
                && names.names().stream().anyMatch(name -> HALVES.stream().anyMatch(name::endsWith));
        return !halves
                && factors.stream()
                        .map(LayerFactors::spec)
                        .allMatch(spec -> (spec.rank() == config.rank()
                                        || config.rankPattern().containsValue(spec.rank()))
                                && (spec.alpha() == config.alpha()
                                        || config.alphaPattern().containsValue(spec.alpha())));
    }

    private static boolean isWhole(String name, Collection<String> base) {
        return name.endsWith(WHOLE) && VisionModules.isDino(layer(name) + ".", base);
    }

    private static String layer(String whole) {
        return whole.substring(0, whole.length() - WHOLE.length());
    }

    private static List<String> halves(String whole) {
        return HALVES.stream().map(end -> layer(whole) + end).toList();
    }

    private interface Cut<T> {
        T of(String name, int half);
    }

    private static <T> List<T> both(Cut<T> cut, String whole) {
        return List.of(cut.of(halves(whole).get(0), 0), cut.of(halves(whole).get(1), 1));
    }

    private interface Join<T> {
        T of(String whole, Map<String, T> halves);
    }

    /** Halves as one in the place of the first; all others as they are. */
    private static <T> List<T> joined(List<T> all, Function<T, String> name, Map<String, String> wholes, Join<T> join) {
        Map<String, Map<String, T>> halves = new HashMap<>();
        for (T one : all) {
            String whole = wholes.get(name.apply(one));
            if (whole != null) {
                halves.computeIfAbsent(whole, none -> new LinkedHashMap<>()).put(name.apply(one), one);
            }
        }
        List<T> joined = new ArrayList<>();
        for (T one : all) {
            String whole = wholes.get(name.apply(one));
            if (whole == null) {
                joined.add(one);
            } else if (halves.containsKey(whole)) {
                joined.add(join.of(whole, halves.remove(whole)));
            }
        }
        return joined;
    }

    private static void requireBoth(String whole, Map<String, ?> halves) {
        if (halves.size() < 2) {
            throw new IllegalArgumentException("'" + whole + "' is one matrix here, of which the file has '"
                    + halves.keySet().iterator().next() + "' alone: adapt gate_proj and up_proj, or neither");
        }
    }

    private static <T> T get(Map<String, T> halves, String whole, int half) {
        return find(halves, whole, half).orElseThrow();
    }

    private static <T> Optional<T> find(Map<String, T> halves, String whole, int half) {
        return Optional.ofNullable(halves.get(halves(whole).get(half)));
    }

    private static Map<String, INDArray> cut(FullLayer layer, int half) {
        Map<String, INDArray> cut = new TreeMap<>();
        layer.parameters().forEach((key, array) -> cut.put(key, GatedFactors.columns(array, half)));
        return cut;
    }

    private static FullLayer whole(String whole, FullLayer gate, FullLayer up) {
        Map<String, INDArray> glued = new TreeMap<>();
        gate.parameters()
                .forEach((key, array) -> glued.put(
                        key,
                        GatedFactors.glued(
                                array, Objects.requireNonNull(up.parameters().get(key), key))));
        return new FullLayer(whole, gate.kind(), glued);
    }
}
