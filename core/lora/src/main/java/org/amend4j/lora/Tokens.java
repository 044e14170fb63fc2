/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.TiedLayers;
import org.amend4j.internal.network.TiesParameters;
import org.amend4j.internal.network.TrainsTokens;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdaptedTokens;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Which tokens of a network's embeddings train with its adapters. As in PEFT (0.20.1.dev0) a trained row takes the place of the base's,
 * and no embedding has both trained tokens and an adapter or a training in full.
 */
final class Tokens {

    private static final String TABLE = DefaultParamInitializer.WEIGHT_KEY;

    private Tokens() {}

    /**
     * Those that a configuration names, in the network's order.
     *
     * @throws IllegalArgumentException if an entry names no embedding, two name the same one, an index is not in the table, or something
     *     else of the embedding trains
     */
    static List<AdaptedTokens> of(BaseModel base, ResolvedLoraConfig fit) {
        ComputationGraphConfiguration network = base.configuration();
        Map<String, List<Integer>> wanted = fit.config().trainedTokens();
        Map<String, WeightMatrix> tables = tables(network);
        NamePattern.requireEachMatches(
                "withTrainedTokens:", List.copyOf(wanted.keySet()), List.copyOf(tables.keySet()));
        List<AdaptedTokens> found = new ArrayList<>();
        tables.forEach((name, table) -> {
            List<String> entries = wanted.keySet().stream()
                    .filter(entry -> named(entry).test(name))
                    .toList();
            if (entries.size() > 1) {
                throw new IllegalArgumentException(
                        "the tokens of '" + name + "' must be in one entry, got those of " + Checks.listed(entries));
            }
            entries.forEach(entry -> found.add(
                    new AdaptedTokens(name, Objects.requireNonNull(wanted.get(entry), entry), table.columns())));
        });
        found.forEach(tokens -> requireAlone("embedding", tokens.vertex(), fit));
        require(network, found);
        return found;
    }

    /**
     * Tokens that train of an embedding that is a head's weight, too: as in PEFT the head computes with the same rows.
     *
     * @param ofTable of the embedding
     * @param ofHead of the head, which has a copy of the rows
     */
    record Tied(AdaptedTokens ofTable, AdaptedTokens ofHead) {

        /** Keeps the copy equal to the rows. */
        TiedLayers listener() {
            return new TiedLayers(ofTable.vertex(), ofHead.vertex(), TrainsTokens.ROWS);
        }
    }

    /**
     * Those of a fit on a base.
     *
     * @throws IllegalArgumentException if something else of the head trains
     */
    static List<Tied> tied(BaseModel base, ResolvedLoraConfig fit) {
        return base.network().getListeners().stream()
                .filter(TiesParameters.class::isInstance)
                .map(TiesParameters.class::cast)
                .flatMap(tie -> fit.tokens(tie.original()).stream().map(tokens -> tied(tokens, tie.copy(), fit)))
                .toList();
    }

    private static Tied tied(AdaptedTokens tokens, String head, ResolvedLoraConfig fit) {
        requireAlone("head", head, fit);
        return new Tied(tokens, new AdaptedTokens(head, tokens.indices(), tokens.width()));
    }

    /** Whether tokens of this layer are to be trained. */
    static boolean isNamed(LoraConfig config, String layer) {
        return config.trainedTokens().keySet().stream()
                .anyMatch(entry -> named(entry).test(layer));
    }

    private static Predicate<String> named(String entry) {
        return NamePattern.anyOf(List.of(entry));
    }

    private static Map<String, WeightMatrix> tables(ComputationGraphConfiguration network) {
        Map<String, WeightMatrix> tables = new LinkedHashMap<>();
        for (String name : GraphLayers.vertices(network)) {
            GraphLayers.layer(network, name)
                    .map(Unfrozen::of)
                    .flatMap(Tokens::table)
                    .ifPresent(table -> tables.put(name, table));
        }
        return tables;
    }

    private static Optional<WeightMatrix> table(Layer layer) {
        return LayerKinds.weight(layer).filter(WeightMatrix::isTable);
    }

    private static void requireAlone(String what, String name, ResolvedLoraConfig fit) {
        if (fit.weights().stream().anyMatch(one -> one.weight().vertex().equals(name))) {
            throw refused(what, name, "has an adapter", "leave it out of the targets, or name none of its tokens");
        }
        if (fit.trainedInFull().contains(name)) {
            throw refused(what, name, "is trained in full", "train all of it, or some of its tokens");
        }
        if (fit.biases().stream().anyMatch(bias -> bias.vertex().equals(name))) {
            throw refused(what, name, "has a trained bias", "choose another bias mode, or name none of its tokens");
        }
    }

    private static IllegalArgumentException refused(String what, String name, String why, String help) {
        return new IllegalArgumentException(
                "tokens must not be trained of the " + what + " '" + name + "', which " + why + ": " + help);
    }

    /** Refuses tokens that are not those of this network. */
    static void require(ComputationGraphConfiguration network, List<AdaptedTokens> tokens) {
        Map<String, WeightMatrix> tables = tokens.isEmpty() ? Map.of() : tables(network);
        for (AdaptedTokens some : tokens) {
            requireFit(Optional.ofNullable(tables.get(some.vertex())), some);
        }
    }

    /** Refuses tokens that are not those of this layer, an embedding or a head that is one's table. */
    static void requireTable(Layer layer, AdaptedTokens tokens) {
        requireFit(isHead(layer) ? LayerKinds.weight(layer).map(Tokens::turned) : table(layer), tokens);
    }

    private static boolean isHead(Layer layer) {
        return LayerKinds.of(layer).filter(known -> known.kind().sharesTables()).isPresent();
    }

    private static WeightMatrix turned(WeightMatrix ofHead) {
        return WeightMatrix.table(ofHead.columns(), ofHead.rows());
    }

    private static void requireFit(Optional<WeightMatrix> table, AdaptedTokens tokens) {
        String place = "the trained tokens of '" + tokens.vertex() + "'";
        if (table.isEmpty() || table.get().columns() != tokens.width()) {
            throw new IllegalArgumentException(place + " must be those of an embedding with vectors of "
                    + tokens.width() + " values, but it "
                    + table.map(found -> "has vectors of " + found.columns()).orElse("is none"));
        }
        long numbers = table.get().rows();
        if (Collections.max(tokens.indices()) >= numbers) {
            throw new IllegalArgumentException(
                    place + " must be < " + numbers + ", the size of its vocabulary, got " + tokens.indices());
        }
    }

    /** Copies the rows out of the base's. */
    static void start(Layer layer, AdaptedTokens tokens, Map<String, INDArray> base, INDArray rows) {
        rows.assign(Nd4j.pullRows(
                table(layer, base),
                1,
                tokens.indices().stream().mapToInt(Integer::intValue).toArray()));
    }

    /** Writes the rows over those of a layer; returns its weight. */
    static INDArray mergeInPlace(Layer layer, AdaptedTokens tokens, INDArray rows, Map<String, INDArray> parameters) {
        INDArray table = table(layer, parameters);
        for (int i = 0; i < tokens.indices().size(); i++) {
            table.getRow(tokens.indices().get(i)).assign(rows.getRow(i));
        }
        return table;
    }

    /** A layer's weight as [tokens, width]. */
    private static INDArray table(Layer layer, Map<String, INDArray> parameters) {
        INDArray weight = Objects.requireNonNull(parameters.get(TABLE), TABLE);
        return isHead(layer) ? weight.transpose() : weight;
    }
}
