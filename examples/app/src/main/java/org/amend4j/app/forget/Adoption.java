/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.app.files.WholeFile;
import org.amend4j.certificate.Digests;
import org.amend4j.data.BadInputException;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.validation.Checks;
import org.amend4j.recording.RecipeFile;
import org.amend4j.recording.RecordedRecipe;
import org.amend4j.recording.RecordedRecipe.Start;
import org.amend4j.sensitivity.Constant;
import org.amend4j.unlearn.ProximalRewind;

/**
 * How a model that something else trained came to be taken over, kept in {@code adoption.json} with its {@code recipe.json}.
 *
 * @param recipe by which it was trained, without files
 * @param facts what was compared
 */
record Adoption(RecordedRecipe recipe, Facts facts) {

    private static final int VERSION = 1;
    private static final String FILE = "adoption.json";
    /** How the words in the settings begin that say what was trained. */
    static final String ADOPTED = "adopted ";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /**
     * What was compared.
     *
     * @param version of the format
     * @param model SHA-256 of the zip that was adopted
     * @param points how many known points were compared with their replays
     * @param tolerance how far they might be away from them, chosen beforehand; 0: not a bit
     * @param displaced steps at which points may be displaced, with how far and how that is known
     */
    record Facts(int version, String model, int points, double tolerance, Map<Integer, Displaced> displaced) {

        /** @throws IllegalArgumentException if it is of another version, or a number out of its range */
        Facts {
            Checks.inRange(VERSION, VERSION, "the version of an adoption", version);
            Checks.notNegative("--tolerance", tolerance);
            displaced = new TreeMap<>(displaced);
        }
    }

    /** A displacement and how it is known. */
    record Displaced(
            double distance, @JsonProperty("evidence") Assurance assurance) {}

    /** Of a recipe that nothing was compared with yet. */
    static Adoption of(RecordedRecipe recipe, String model) {
        return new Adoption(withoutFiles(recipe), new Facts(VERSION, model, 0, 0, Map.of()));
    }

    private static RecordedRecipe withoutFiles(RecordedRecipe recipe) {
        return new RecordedRecipe(
                recipe.steps(),
                recipe.stepSizes(),
                recipe.batches(),
                recipe.divisor(),
                recipe.weightDecay(),
                new Start.Unknown(),
                new TreeMap<>());
    }

    /**
     * After a comparison.
     *
     * @param steps of the known points that were compared
     * @param tolerance that all of them kept to
     */
    Adoption compared(Iterable<Integer> steps, double tolerance) {
        Map<Integer, Displaced> displaced = new TreeMap<>();
        int points = 0;
        for (int step : steps) {
            points++;
            if (tolerance > 0) {
                displaced.put(step, new Displaced(tolerance, Assurance.ENFORCED));
            }
        }
        return new Adoption(recipe, new Facts(VERSION, facts.model(), points, tolerance, displaced));
    }

    /**
     * After a reconstruction.
     *
     * @param points how many known points were compared with it
     * @param residual of it, > 0
     */
    Adoption reconstructed(int points, double residual) {
        return new Adoption(
                recipe,
                new Facts(VERSION, facts.model(), points, 0, Map.of(0, new Displaced(residual, Assurance.ESTIMATED))));
    }

    /** Whether its checkpoints were reconstructed, so that nothing made from it is ever certified. */
    boolean isReconstructed() {
        return facts.displaced().values().stream().anyMatch(one -> one.assurance() == Assurance.ESTIMATED);
    }

    /** How far stored points may be from what the steps before make of the ones before. */
    NavigableMap<Integer, Constant> displacements() {
        NavigableMap<Integer, Constant> all = new TreeMap<>();
        facts.displaced()
                .forEach((step, one) -> all.put(
                        step,
                        new Constant(
                                one.distance(), one.assurance(), "a known point's greatest distance to its replay")));
        return all;
    }

    /** What should have been fixed without looking at the records, and was not. */
    List<String> derived(int records) {
        return recipe.batches().isPresent() || recipe.divisor(records) == records
                ? List.of(Assembly.derived(records))
                : List.of();
    }

    /** What certificates take for true, because something else trained the model. */
    List<String> assumptions(int records) {
        List<String> sentences = new ArrayList<>();
        if (isReconstructed()) {
            sentences.add(ProximalRewind.Reconstruction.LABEL);
        }
        sentences.add(
                isReconstructed()
                        ? "the model was trained elsewhere, nobody knows from where"
                        : "the model was trained elsewhere, and its recipe replayed from its start past "
                                + facts.points()
                                + " known points: "
                                + (facts.tolerance() == 0
                                        ? "all of them to the bit"
                                        : "each within " + facts.tolerance()
                                                + ", a tolerance chosen beforehand, which is in the distance"));
        recipe.batches()
                .ifPresent(batches -> sentences.add("the " + batches.description()
                        + " were drawn without looking at the records; the retrained model uses the same ones less the"
                        + " deleted records"));
        sentences.add("every setting was chosen without looking at the records; sums over records are divided by "
                + recipe.divisor(records) + " also where fewer are left");
        return sentences;
    }

    /** What certificates name. */
    Map<String, String> hashes() {
        return Map.of("adoptedModel", facts.model());
    }

    /** The words for the settings: what learns, and digests of the two files. */
    String what(String part) throws IOException {
        return ADOPTED + part + ", " + digests(bytes(), RecipeFile.bytes(recipe));
    }

    private byte[] bytes() throws JsonProcessingException {
        return JSON.writeValueAsBytes(facts);
    }

    private static String digests(byte[] facts, byte[] recipe) {
        return Digests.of(facts) + " " + Digests.of(recipe);
    }

    void write(Path folder) throws IOException {
        RecipeFile.write(recipe, folder.resolve(RecipeFile.NAME));
        WholeFile.write(folder.resolve(FILE), bytes());
    }

    /**
     * The adoption of a folder; empty if its model was trained there.
     *
     * @throws BadInputException if its files are missing or not those that were stored
     */
    static Optional<Adoption> of(Path folder, ForgettingSettings.Origin origin) throws IOException {
        if (!origin.isAdopted()) {
            return Optional.empty();
        }
        for (String name : List.of(FILE, RecipeFile.NAME)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new BadInputException(folder + " is damaged: it has no " + name);
            }
        }
        String found =
                digests(Files.readAllBytes(folder.resolve(FILE)), Files.readAllBytes(folder.resolve(RecipeFile.NAME)));
        if (!origin.what().endsWith(found)) {
            throw new BadInputException(
                    folder + " is damaged: " + FILE + " or " + RecipeFile.NAME + " is not what was stored");
        }
        try {
            return Optional.of(new Adoption(
                    RecipeFile.read(folder.resolve(RecipeFile.NAME)),
                    JSON.readValue(folder.resolve(FILE).toFile(), Facts.class)));
        } catch (JsonProcessingException damaged) {
            throw new BadInputException(folder.resolve(FILE) + " is damaged: " + JsonFault.sentence(damaged), damaged);
        }
    }
}
