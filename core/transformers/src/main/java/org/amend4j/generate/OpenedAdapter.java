/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.amend4j.generate.DecoderAdapter.Factors;
import org.amend4j.internal.validation.Checks;

/**
 * An adapter beside the weights of a model: what it makes of each part, by the parts' paths. Parts that it does not change are not there.
 *
 * @param biases of norms
 */
record OpenedAdapter(
        Map<String, AdaptedLinear> linears, Map<String, AdaptedLookup> lookups, Map<String, float[]> biases) {

    /**
     * Opens an adapter.
     *
     * @param tied whether the head is the table of words, so that it has the rows of trained tokens, too
     * @throws IllegalArgumentException if the adapter was not made for a model like this
     */
    static OpenedAdapter of(DecoderAdapter adapter, DecoderModel model, boolean tied) {
        return new Opening(adapter, model, tied).opened();
    }

    /** Finds the part that each name of an adapter means. */
    private static final class Opening {

        private final DecoderAdapter adapter;
        private final Map<String, Linear> linears;
        private final Map<String, Lookup> lookups;
        private final Map<String, float[]> biasesOfNorms;
        private final Lookup words;
        private final Linear head;
        private final Map<Integer, float[]> ofHead;

        Opening(DecoderAdapter adapter, DecoderModel model, boolean tied) {
            this.adapter = adapter;
            words = model.embedding().words();
            head = model.head();
            ofHead = tied ? adapter.tokens().getOrDefault(words.module(), Map.of()) : Map.of();
            linears = model.linears().stream().collect(Collectors.toMap(Linear::module, Function.identity()));
            lookups = model.embedding().lookups().collect(Collectors.toMap(Lookup::module, Function.identity()));
            biasesOfNorms = model.biasesOfNorms();
        }

        OpenedAdapter opened() {
            Set<String> changed = new HashSet<>(adapter.linears().keySet());
            adapter.linears().forEach((module, factors) -> requireFit(factors, linear(module)));
            Map<String, float[]> ofNorms = new HashMap<>();
            adapter.biases().forEach((module, bias) -> {
                requireFit(module, bias);
                if (linears.containsKey(module)) {
                    changed.add(module);
                } else {
                    ofNorms.put(module, bias);
                }
            });
            Map<String, AdaptedLookup> ofLookups = new HashMap<>();
            adapter.lookups().forEach((module, factors) -> ofLookups.put(module, adapted(lookup(module), factors)));
            adapter.tokens().forEach((module, rows) -> ofLookups.put(module, adapted(module, rows)));
            if (!ofHead.isEmpty()) {
                changed.add(head.module());
            }
            return new OpenedAdapter(
                    changed.stream().collect(Collectors.toMap(Function.identity(), module -> adapted(linear(module)))),
                    ofLookups,
                    ofNorms);
        }

        private Linear linear(String module) {
            return part(module, linears);
        }

        private Lookup lookup(String module) {
            return part(module, lookups);
        }

        private static <T> T part(String module, Map<String, T> parts) {
            T part = parts.get(module);
            if (part == null) {
                throw new IllegalArgumentException("the adapter has factors of '" + module
                        + "', which the model does not have; it has "
                        + Checks.listed(List.copyOf(new TreeSet<>(parts.keySet()))));
            }
            return part;
        }

        private static void requireFit(Factors factors, Linear linear) {
            requireFit(
                    factors,
                    linear.module(),
                    linear.matrix().outputs(),
                    linear.matrix().inputs());
        }

        private static void requireFit(Factors factors, String module, int outputs, int inputs) {
            LowRank added = factors.added();
            if (added.down().inputs() != inputs || added.up().outputs() != outputs) {
                throw new IllegalArgumentException("the adapter's factors of '" + module + "' are for ["
                        + added.up().outputs() + ", " + added.down().inputs() + "], the model's weight is [" + outputs
                        + ", " + inputs + "]");
            }
        }

        private void requireFit(String module, float[] bias) {
            Optional<float[]> ofLinear =
                    Optional.ofNullable(linears.get(module)).flatMap(Linear::bias);
            float[] here = ofLinear.orElseGet(() -> biasesOfNorms.getOrDefault(module, new float[0]));
            if (here.length == 0) {
                throw new IllegalArgumentException(
                        "the adapter has trained a bias of '" + module + "', where the model has none");
            }
            if (bias.length != here.length) {
                throw new IllegalArgumentException("the adapter's bias of '" + module + "' has " + bias.length
                        + " values, the model's has " + here.length);
            }
        }

        private AdaptedLinear adapted(Linear linear) {
            Optional<Factors> factors = Optional.ofNullable(adapter.linears().get(linear.module()));
            Matrix weight = linear.matrix();
            Optional<float[]> own = Optional.ofNullable(adapter.biases().get(linear.module()));
            return new AdaptedLinear(
                    factors.map(Factors::added),
                    factors.flatMap(some -> some.scales(weight::column, weight.inputs())),
                    sum(own.or(linear::bias), factors.flatMap(Factors::biasOnB)),
                    linear.module().equals(head.module()) ? ofHead : Map.of());
        }

        private static AdaptedLookup adapted(Lookup lookup, Factors factors) {
            requireFit(factors, lookup.module(), lookup.width(), lookup.rows());
            return new AdaptedLookup(
                    Optional.of(factors.added()), factors.scales(lookup.table(), lookup.rows()), Map.of());
        }

        private AdaptedLookup adapted(String module, Map<Integer, float[]> tokens) {
            if (!module.equals(words.module())) {
                throw new IllegalArgumentException("the adapter has trained tokens of '" + module
                        + "', the model has tokens of '" + words.module() + "'");
            }
            tokens.forEach((token, row) -> {
                if (token >= words.rows() || row.length != words.width()) {
                    throw new IllegalArgumentException("the adapter's token " + token + " of '" + module + "' has "
                            + row.length + " numbers, the model has " + words.rows() + " tokens of " + words.width());
                }
            });
            boolean alone = !adapter.lookups().containsKey(module)
                    && (ofHead.isEmpty() || !adapter.linears().containsKey(head.module()));
            if (!alone) {
                throw new IllegalArgumentException("the adapter must not have factors of '" + module
                        + "', or of a head that is its table, where it has trained tokens of it");
            }
            return new AdaptedLookup(Optional.empty(), Optional.empty(), tokens);
        }

        private static Optional<float[]> sum(Optional<float[]> bias, Optional<float[]> onB) {
            if (bias.isEmpty() || onB.isEmpty()) {
                return bias.or(() -> onB);
            }
            float[] sum = bias.get().clone();
            Loops.add(sum, onB.get(), sum.length);
            return Optional.of(sum);
        }
    }
}
