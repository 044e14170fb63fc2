/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.LayerFactors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PEFT's adapters are combined as PEFT combines them, by each of its methods; what is drawn at random with density 1. */
class PeftCombinationTest {

    /** Of the largest change: factors are stored in single precision, and multiplied once. */
    private static final double ROUNDING = 4 * 0x1p-23;

    private static final List<String> ADAPTERS = List.of("a", "b", "c");

    @TempDir
    private Path temp;

    private static Path golden() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(PeftCombinationTest.class.getResource("peft"))
                .toURI());
    }

    private static JsonNode reference() throws IOException, URISyntaxException {
        return new JsonMapper().readTree(golden().resolve("reference.json").toFile());
    }

    private static List<WeightedAdapter> adapters() throws IOException, URISyntaxException {
        JsonNode weights = reference().path("weights");
        List<WeightedAdapter> adapters = new ArrayList<>();
        for (int i = 0; i < weights.size(); i++) {
            adapters.add(WeightedAdapter.read(
                    golden().resolve(ADAPTERS.get(i)), weights.path(i).asDouble()));
        }
        return adapters;
    }

    private static Combination method(JsonNode of) {
        String name = of.path("method").asText();
        double density = of.path("density").asDouble();
        Pruning.Signs signs = of.path("signs").asText().equals("total") ? Pruning.Signs.TOTAL : Pruning.Signs.FREQUENCY;
        Map<String, Pruning> prunings = Map.of(
                "magnitude_prune", Pruning.magnitude(density),
                "ties", Pruning.ties(density, signs),
                "dare_linear", Pruning.dareLinear(density, 1),
                "dare_ties", Pruning.dareTies(density, signs, 1));
        return switch (name) {
            case "linear" -> Combination.linear();
            case "cat" -> Combination.cat();
            case "svd" -> Combination.svd(of.path("rank").asInt());
            default -> {
                Pruning pruning = Objects.requireNonNull(prunings.get(name.replace("_svd", "")), name);
                yield name.endsWith("_svd")
                        ? Combination.prunedSvd(pruning, of.path("rank").asInt())
                        : Combination.pruned(pruning);
            }
        };
    }

    private static double apart(JsonNode expected, AdapterContent found) {
        double apart = 0;
        double largest = 0;
        for (LayerFactors layer : found.factors()) {
            double[][] change = RandomAdapters.change(layer);
            JsonNode of = expected.path(layer.name());
            assertEquals(of.size(), change[0].length, layer.name());
            for (int out = 0; out < of.size(); out++) {
                for (int in = 0; in < change.length; in++) {
                    double value = of.path(out).path(in).asDouble();
                    largest = Math.max(largest, Math.abs(value));
                    apart = Math.max(apart, Math.abs(value - change[in][out]));
                }
            }
        }
        return apart / largest;
    }

    @Test
    void everyMethodGivesWhatPeftGives() throws IOException, URISyntaxException {
        Map<String, Double> wrong = new TreeMap<>();
        JsonNode cases = reference().path("cases");
        for (JsonNode one : cases) {
            AdapterCombination combined = AdapterCombination.of(method(one), adapters());
            assertEquals(2, combined.content().factors().size());
            double apart = apart(one.path("changes"), combined.content());
            if (apart > ROUNDING) {
                wrong.put(one.path("method").asText() + " " + one.path("signs").asText(), apart);
            }
        }
        assertTrue(wrong.isEmpty(), wrong.toString());
        long methods = StreamSupport.stream(cases.spliterator(), false)
                .map(one -> one.path("method").asText())
                .distinct()
                .count();
        assertEquals(11, methods);
    }

    /** The twin: a method is far from what PEFT gives by another one, but for methods that are one where nothing is drawn or pruned. */
    @Test
    void methodsAreToldApart() throws IOException, URISyntaxException {
        JsonNode cases = reference().path("cases");
        int apart = 0;
        for (JsonNode one : cases) {
            for (JsonNode other : cases) {
                double ours = apart(
                        one.path("changes"),
                        AdapterCombination.of(method(other), adapters()).content());
                apart += ours > 100 * ROUNDING ? 1 : 0;
            }
        }
        // Of density 1, dare_linear and dare_linear_svd are linear and svd; nothing else is alike.
        int all = cases.size() * cases.size();
        assertEquals(all - cases.size() - 2 * 2, apart);
    }

    @Test
    void ofPeftsAdaptersAnAdapterOfPeftIsMade() throws IOException, URISyntaxException {
        AdapterCombination combined = AdapterCombination.of(Combination.cat(), adapters());
        combined.save(temp.resolve("cat"));
        AdapterContent read = AdapterFile.readAsNamed(temp.resolve("cat"));
        assertEquals("", read.baseSha256());
        for (JsonNode one : reference().path("cases")) {
            if (one.path("method").asText().equals("cat")) {
                assertEquals(0, apart(one.path("changes"), read), ROUNDING);
            }
        }
    }
}
