/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Which distributions and encoders a saved policy may have: a kind, which is the name in the file, and the settings that are
 * written there. A file names no classes, and its content can only become one of the classes registered here. The library's
 * own are known ({@link #STANDARD}); you add yours by name:
 *
 * <pre>{@code
 * PolicyKinds kinds = PolicyKinds.STANDARD.withDistribution("com.example.beta", Beta.class);
 * PolicyFile.write(folder, saved, kinds);
 * SavedPolicy again = PolicyFile.read(folder, kinds);
 * }</pre>
 *
 * <p>Settings are records of numbers, words, flags, lists and records of such; their components' names are the file format.
 * Immutable.
 */
public final class PolicyKinds {

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,99}");
    private static final String KIND = "kind";
    private static final String STATISTICS = "statistics";
    private static final String FLATTENING = "flattening";
    private static final String PARTS = "parts";

    /** Those of the library. */
    public static final PolicyKinds STANDARD = standard();

    private final Map<String, Kind<ActionDistribution>> distributions;
    private final Map<String, Kind<ObservationEncoder>> encoders;

    private PolicyKinds(
            Map<String, Kind<ActionDistribution>> distributions, Map<String, Kind<ObservationEncoder>> encoders) {
        this.distributions = distributions;
        this.encoders = encoders;
    }

    /**
     * What is written and read under one name.
     *
     * @param type of what is written, exactly
     * @param settings the record that is in the file
     * @param of its settings
     * @param from settings and statistics
     */
    private record Kind<T>(
            Class<? extends T> type,
            Class<? extends Record> settings,
            Function<T, Record> of,
            BiFunction<Record, double[], T> from) {}

    private static PolicyKinds standard() {
        return new PolicyKinds(Map.of(), Map.of())
                .withDistribution("categorical", Categorical.class)
                .withDistribution("bernoulli", Bernoulli.class)
                .withDistribution("gaussian", Gaussian.class)
                .withDistribution("multi-categorical", MultiCategorical.class)
                .withDistribution("squashed-gaussian", SquashedGaussian.class)
                .withEncoder("one-hot", ObservationEncoder.OneHot.class)
                .withEncoder("as-is", ObservationEncoder.AsIs.class)
                .with(
                        "normalising",
                        new Kind<>(
                                NormalisingEncoder.class,
                                Normalising.class,
                                encoder -> new Normalising(encoder.size()),
                                (settings, statistics) -> ((Normalising) settings).encoder(statistics)));
    }

    private record Normalising(int size) {

        /** Takes no memory for numbers that are not there. */
        ObservationEncoder encoder(double[] statistics) {
            if (statistics.length != 1 + 2L * size) {
                throw new IllegalArgumentException(
                        "statistics must have 1 + 2 · " + size + " numbers, got " + statistics.length);
            }
            NormalisingEncoder encoder = new NormalisingEncoder(size);
            encoder.setStatistics(statistics);
            return encoder;
        }
    }

    /**
     * These and a distribution that is a record of its settings.
     *
     * @param kind its name in files: a letter, then at most 99 letters, digits, dots, hyphens and underscores; a unique name, such as one
     *     that begins with your package's
     * @throws IllegalArgumentException if the name breaks its rule or is taken, or the class is
     */
    public <D extends Record & ActionDistribution> PolicyKinds withDistribution(String kind, Class<D> type) {
        return withDistribution(kind, type, type, distribution -> distribution, settings -> settings);
    }

    /**
     * These and a distribution.
     *
     * @param kind as in {@link #withDistribution(String, Class)}
     * @param type of the distribution, exactly
     * @param settings a record of all that there is to know about one
     * @param of the settings of a distribution
     * @param from a distribution with these settings; they may come from anywhere: checks them
     */
    public <D extends ActionDistribution, S extends Record> PolicyKinds withDistribution(
            String kind, Class<D> type, Class<S> settings, Function<D, S> of, Function<S, D> from) {
        Kind<ActionDistribution> made = new Kind<>(
                type,
                settings,
                distribution -> of.apply(type.cast(distribution)),
                (read, statistics) -> from.apply(settings.cast(read)));
        return new PolicyKinds(and(distributions, kind, made), encoders);
    }

    /** These and an encoder that is a record of its settings, and so learns nothing; kind as in {@link #withDistribution}. */
    public <E extends Record & ObservationEncoder> PolicyKinds withEncoder(String kind, Class<E> type) {
        return withEncoder(kind, type, type, encoder -> encoder, settings -> settings);
    }

    /**
     * These and an encoder. Its {@link ObservationEncoder#statistics} are saved with its settings, and set when it is read.
     *
     * @param kind as in {@link #withDistribution(String, Class)}
     * @param type of the encoder, exactly
     * @param settings a record of all that there is to know about one that has learned nothing
     * @param of the settings of an encoder
     * @param from an encoder with these settings; they may come from anywhere: checks them
     */
    public <E extends ObservationEncoder, S extends Record> PolicyKinds withEncoder(
            String kind, Class<E> type, Class<S> settings, Function<E, S> of, Function<S, E> from) {
        return with(kind, new Kind<>(type, settings, encoder -> of.apply(type.cast(encoder)), (read, statistics) -> {
            E encoder = from.apply(settings.cast(read));
            encoder.setStatistics(statistics);
            return encoder;
        }));
    }

    private PolicyKinds with(String kind, Kind<ObservationEncoder> made) {
        return new PolicyKinds(distributions, and(encoders, kind, made));
    }

    private static <T> Map<String, Kind<T>> and(Map<String, Kind<T>> kinds, String kind, Kind<T> made) {
        if (!NAME.matcher(kind).matches()) {
            throw new IllegalArgumentException("a kind's name must match " + NAME + ", got '" + kind + "'");
        }
        boolean taken = kinds.values().stream().anyMatch(other -> other.type.equals(made.type))
                || made.type.equals(FlatteningEncoder.class);
        if (taken || kinds.containsKey(kind) || kind.equals(FLATTENING)) {
            throw new IllegalArgumentException("a kind must have a name and a class that no other has, got '" + kind
                    + "' and " + made.type.getName());
        }
        for (String reserved : List.of(KIND, STATISTICS)) {
            if (Arrays.stream(made.settings.getRecordComponents())
                    .anyMatch(component -> component.getName().equals(reserved))) {
                throw new IllegalArgumentException(
                        "settings of a kind must have no component named '" + reserved + "', got " + made.settings);
            }
        }
        Map<String, Kind<T>> all = new LinkedHashMap<>(kinds);
        all.put(kind, made);
        return all;
    }

    /** @throws IllegalArgumentException if it is of no kind here, or its settings do not come back from the file as they are */
    ObjectNode write(ActionDistribution distribution) {
        return write(distributions, distribution, "distribution", "withDistribution");
    }

    /** As {@link #write(ActionDistribution)}. */
    ObjectNode write(ObservationEncoder encoder) {
        if (encoder instanceof FlatteningEncoder flattening) {
            ObjectNode node = PolicyRecord.MAPPER.createObjectNode().put(KIND, FLATTENING);
            ArrayNode parts = node.putArray(PARTS);
            flattening.parts().forEach(part -> parts.add(write(part)));
            return node;
        }
        ObjectNode node = write(encoders, encoder, "encoder", "withEncoder");
        double[] statistics = encoder.statistics();
        if (statistics.length > 0) {
            PassRules.requireFinite(statistics);
            node.set(STATISTICS, PolicyRecord.MAPPER.valueToTree(statistics));
        }
        return node;
    }

    private static <T> ObjectNode write(Map<String, Kind<T>> kinds, T thing, String what, String how) {
        Map.Entry<String, Kind<T>> entry = kinds.entrySet().stream()
                .filter(one -> one.getValue().type.equals(thing.getClass()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a policy can only be saved with a kind for its " + what
                        + ", got " + thing + ": give PolicyKinds.STANDARD." + how + "(name, "
                        + thing.getClass().getSimpleName() + ".class)"));
        Kind<T> kind = entry.getValue();
        Record settings = kind.of.apply(thing);
        JsonNode tree = PolicyRecord.MAPPER.valueToTree(settings);
        if (!tree.equals(again(tree, kind.settings))) {
            throw new IllegalArgumentException("settings must come back from a file as they are, got " + settings
                    + ", of which a file says " + tree);
        }
        ObjectNode node = PolicyRecord.MAPPER.createObjectNode().put(KIND, entry.getKey());
        node.setAll((ObjectNode) tree);
        return node;
    }

    private static JsonNode again(JsonNode tree, Class<? extends Record> settings) {
        try {
            return PolicyRecord.MAPPER.valueToTree(PolicyRecord.MAPPER.treeToValue(tree, settings));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "settings must come back from a file as they are: " + PolicyRecord.reason(e), e);
        }
    }

    /** @throws IllegalArgumentException if it is of no kind here, or its settings are none */
    ActionDistribution distribution(JsonNode node) throws JsonProcessingException {
        return read(distributions, node, new double[0], "distribution", "withDistribution");
    }

    /** As {@link #distribution}. */
    ObservationEncoder encoder(JsonNode node) throws JsonProcessingException {
        if (node.path(KIND).asText().equals(FLATTENING)) {
            if (node.size() != 2 || !node.path(PARTS).isArray()) {
                throw new IllegalArgumentException("an encoder of kind '" + FLATTENING + "' must have its parts only");
            }
            List<ObservationEncoder> parts = new ArrayList<>();
            for (JsonNode part : node.path(PARTS)) {
                parts.add(encoder(part));
            }
            return new FlatteningEncoder(parts);
        }
        JsonNode statistics = node.path(STATISTICS);
        double[] learned = statistics.isMissingNode()
                ? new double[0]
                : PolicyRecord.MAPPER.treeToValue(statistics, double[].class);
        return read(encoders, node, Objects.requireNonNull(learned), "encoder", "withEncoder");
    }

    private static <T> T read(Map<String, Kind<T>> kinds, JsonNode node, double[] statistics, String what, String how)
            throws JsonProcessingException {
        String name = node.path(KIND).asText();
        Kind<T> kind = kinds.get(name);
        if (kind == null) {
            throw new IllegalArgumentException("the policy's " + what + " is of the kind '" + name
                    + "', which is none of " + kinds.keySet()
                    + (NAME.matcher(name).matches()
                            ? ": if it is yours, give PolicyKinds.STANDARD." + how + "(\"" + name + "\", its class)"
                            : ""));
        }
        ObjectNode settings = ((ObjectNode) node).deepCopy();
        settings.remove(List.of(KIND, STATISTICS));
        return kind.from.apply(PolicyRecord.MAPPER.treeToValue(settings, kind.settings), statistics);
    }
}
