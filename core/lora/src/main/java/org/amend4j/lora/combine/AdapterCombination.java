/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.combine.LayerTerms.Part;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.random.SplitMix64;

/**
 * Several adapters of one base combined to one, which is a plain adapter: it is loaded, trained, merged and read by PEFT like any
 * other. The base is not needed.
 *
 * <p>A layer that only some adapters have is combined of those; the others add nothing there. A layer trained in full is taken as
 * it is, whatever the weight of its adapter, and only one of them may have it. The result scales by alpha/rank, or by alpha/sqrt(rank)
 * if all adapters do, with an alpha for each layer from which its scaling follows; its dropout is theirs where they agree, else 0.
 *
 * @param content the result; its arrays are new but for those of layers trained in full
 * @param layers how far each adapted layer is from the weighted sum, in the order of the content
 */
public record AdapterCombination(AdapterContent content, List<CombinedLayer> layers) {

    /** Copies the list. */
    public AdapterCombination {
        Checks.present("the content", content);
        layers = List.copyOf(layers);
    }

    /** As {@link #of(Combination, List)}. */
    public static AdapterCombination of(Combination method, WeightedAdapter... adapters) {
        return of(method, List.of(adapters));
    }

    /**
     * Combines adapters.
     *
     * @param adapters at least one; the same can come several times
     * @throws IllegalArgumentException if they do not belong to one base, have more than factors and layers trained in full, have a layer trained in full in common, or do not fit the
     *     method; or if the result is not finite
     */
    public static AdapterCombination of(Combination method, List<WeightedAdapter> adapters) {
        Checks.present("the method", method);
        Checks.atLeast(1, "the number of adapters", adapters.size());
        requireOneBase(adapters);
        adapters.forEach(AdapterCombination::requirePlain);
        List<FullLayer> inFull = inFull(adapters);
        List<LayerTerms> layers = layers(adapters);
        requireOneRole(layers, inFull);
        SplitMix64 random = new SplitMix64(seed(method));
        List<LowRank> results =
                layers.stream().map(layer -> layer.combined(method, random)).toList();
        CombinedConfig config = CombinedConfig.of(adapters, layers, results, inFull);
        List<LayerFactors> factors = new ArrayList<>();
        List<CombinedLayer> reports = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            LayerFactors stored =
                    layers.get(i).stored(results.get(i), config.specs().get(i));
            factors.add(stored);
            reports.add(layers.get(i).report(stored, results.get(i).fidelity()));
        }
        AdapterContent first = adapters.get(0).content();
        return new AdapterCombination(
                new AdapterContent(config.config(), first.baseSha256(), first.layerSha256(), factors, inFull), reports);
    }

    /** Writes it as {@link AdapterFile#write} does; what is made of PEFT's adapters, of an unknown base, as {@link AdapterFile#export}. */
    public void save(Path directory) throws IOException {
        if (content.baseSha256().isEmpty()) {
            AdapterFile.export(directory, content);
        } else {
            AdapterFile.write(directory, content);
        }
    }

    /** As {@link CombinedLayer#relativeError()}, of all layers as one. */
    public double relativeError() {
        double error = Math.sqrt(layers.stream()
                .mapToDouble(layer -> layer.error() * layer.error())
                .sum());
        double norm = Math.sqrt(layers.stream()
                .mapToDouble(layer -> layer.norm() * layer.norm())
                .sum());
        return error == 0 ? 0 : error / norm;
    }

    private static long seed(Combination method) {
        if (method instanceof Combination.Pruned pruned) {
            return pruned.pruning().seed();
        }
        return method instanceof Combination.PrunedSvd pruned ? pruned.pruning().seed() : 0;
    }

    private static void requireOneBase(List<WeightedAdapter> adapters) {
        WeightedAdapter first = adapters.get(0);
        for (WeightedAdapter other : adapters) {
            if (!other.content().baseSha256().equals(first.content().baseSha256())) {
                throw new IllegalArgumentException("adapters must be of one base to be combined, '" + first.name()
                        + "' is of " + base(first) + " and '" + other.name() + "' of " + base(other));
            }
        }
    }

    /** A sum of factors knows nothing of what stands beside them. */
    private static void requirePlain(WeightedAdapter adapter) {
        adapter.content().besideFactors().ifPresent(what -> {
            throw new IllegalArgumentException(
                    "adapters must be plain ones to be combined, without DoRA, trained biases, a"
                            + " bias on B and trained tokens, '" + adapter.name() + "' has " + what);
        });
    }

    private static String base(WeightedAdapter adapter) {
        String sha256 = adapter.content().baseSha256();
        return sha256.isEmpty() ? "an unknown one, as PEFT's are before lora import" : sha256;
    }

    private static List<FullLayer> inFull(List<WeightedAdapter> adapters) {
        Map<String, FullLayer> layers = new LinkedHashMap<>();
        Map<String, String> owners = new LinkedHashMap<>();
        for (WeightedAdapter adapter : adapters) {
            for (FullLayer layer : adapter.content().fullLayers()) {
                String earlier = owners.put(layer.vertex(), adapter.name());
                if (earlier != null) {
                    throw new IllegalArgumentException("the layer '" + layer.vertex() + "' is trained in full by '"
                            + earlier + "' and by '" + adapter.name()
                            + "': such layers cannot be combined, only one adapter may have it");
                }
                layers.put(layer.vertex(), layer);
            }
        }
        return ordered(adapters, content -> content.fullLayers().stream().map(FullLayer::vertex))
                .flatMap(name -> Optional.ofNullable(layers.get(name)).stream())
                .toList();
    }

    private static List<LayerTerms> layers(List<WeightedAdapter> adapters) {
        Map<String, List<Part>> parts = new LinkedHashMap<>();
        for (WeightedAdapter adapter : adapters) {
            for (LayerFactors layer : adapter.content().factors()) {
                parts.computeIfAbsent(name(layer), none -> new ArrayList<>()).add(new Part(adapter, layer));
            }
        }
        return ordered(adapters, content -> content.factors().stream().map(AdapterCombination::name))
                .map(name -> new LayerTerms(name, parts.getOrDefault(name, List.of())))
                .toList();
    }

    private static Stream<String> ordered(
            List<WeightedAdapter> adapters, Function<AdapterContent, Stream<String>> names) {
        return NetworkOrder.merged(adapters.stream()
                        .map(adapter -> names.apply(adapter.content()).toList())
                        .toList())
                .stream();
    }

    private static String name(LayerFactors layer) {
        return layer.spec().target();
    }

    private static void requireOneRole(List<LayerTerms> layers, List<FullLayer> inFull) {
        List<String> full = inFull.stream().map(FullLayer::vertex).toList();
        for (LayerTerms layer : layers) {
            Part first = layer.parts().get(0);
            if (full.contains(first.layer().vertex())) {
                throw new IllegalArgumentException("the layer '" + first.layer().vertex() + "' is adapted by '"
                        + first.adapter().name() + "' and trained in full by another adapter: such adapters cannot be"
                        + " combined");
            }
        }
    }
}
