/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.StdConverter;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.amend4j.certificate.Commitment;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.json.KnownNames;
import org.amend4j.keys.Seal;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianGrid;
import org.amend4j.privacy.GaussianPrivacy;
import org.amend4j.service.Requests.Ticket;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.ReleaseNoise;
import org.amend4j.unlearn.UnlearningMethod;

/**
 * What a service must remember besides requests and checkpoints. Its file is {@linkplain Seal sealed}: it says which records belong
 * to whom, and a digit changed in it would make a wrong model.
 *
 * @param version of the format
 * @param objective label of the run, as {@link ServiceRecords} has it
 * @param recipe the recipe in words
 * @param secondsPerGradient measured in training, of one record
 * @param trained whether training came to its end
 * @param deletions in order; only the last can be unfinished
 * @param model SHA-256 over the files of the newest release, known before they are visible; empty in states of version 2
 */
record ServiceState(
        int version,
        String objective,
        String recipe,
        double secondsPerGradient,
        boolean trained,
        List<Deletion> deletions,
        String model) {

    private static final int VERSION = 3;
    private static final int OLDEST = 1;
    /** Length of what is sealed, in bytes, or a multiple: so that few deletions more or less do not show. */
    private static final int ROOM = 4096;

    /** Of millions of deletions. */
    private static final int MOST_BYTES = 1 << 30;

    static final String FILE = "state.json";
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    ServiceState {
        deletions = List.copyOf(deletions);
        model = Objects.requireNonNullElse(model, "");
    }

    /** How far a deletion got, in this order. */
    enum Stage {
        /** It is decided; nothing was changed. */
        DECIDED,
        /** The old trajectory is destroyed back to the checkpoint. */
        REWOUND,
        /** It is finished. */
        DONE
    }

    /**
     * A deletion.
     *
     * @param subjects pseudonyms
     * @param records theirs
     * @param rewind what was decided to be done
     * @param stage how far it got
     * @param mu of its release
     * @param certificate SHA-256 of its certificate; zeros before there is one
     * @param salt of its certificate's commitments, in hexadecimal digits; empty in states of version 1
     */
    record Deletion(
            List<String> subjects,

            @JsonProperty("ids")
            @JsonSerialize(converter = IdsToNumbers.class)
            @JsonDeserialize(converter = NumbersToIds.class)
            RecordIds records,

            @JsonUnwrapped Rewind rewind,
            Stage stage,
            double mu,
            String certificate,
            String salt) {

        Deletion {
            salt = Objects.requireNonNullElse(salt, "");
            subjects = List.copyOf(subjects);
        }

        /**
         * A deletion that is decided.
         *
         * @param requests that are met by it
         * @param vault of the checkpoints before anything is destroyed
         * @param salt of its certificate's commitments
         * @throws IllegalArgumentException if the method is another algorithm
         */
        static Deletion of(List<Ticket> requests, UnlearningMethod method, CheckpointVault vault, byte[] salt)
                throws IOException {
            return new Deletion(
                    requests.stream()
                            .map(request -> request.subject().pseudonym())
                            .sorted()
                            .toList(),
                    Ticket.records(requests),
                    Rewind.of(method, vault),
                    Stage.DECIDED,
                    method.releaseNoise()
                            .map(noise -> noise.noise().privacy().mu())
                            .orElse(0.0),
                    "0".repeat(64),
                    HexFormat.of().formatHex(salt));
        }

        /** What the ledger says of it before anything is changed, under its salt. */
        Map<String, String> intent(CommitmentScheme hiding) {
            byte[] bytes = HexFormat.of().parseHex(salt);
            return Map.of(
                    "way", rewind.method(),
                    "checkpoint", Integer.toString(rewind.checkpoint()),
                    "checkpointCommitment", hiding.commitment(bytes, Commitment.CHECKPOINT, rewind.checkpointHash()),
                    "recordsCommitment", hiding.commitment(bytes, Commitment.REQUEST, records),
                    "sigma", Double.toString(rewind.noise().sigma()));
        }

        byte[] saltBytes() {
            return HexFormat.of().parseHex(salt);
        }

        Deletion at(Stage next) {
            return new Deletion(subjects, records, rewind, next, mu, certificate, salt);
        }

        Deletion certified(String hash) {
            return new Deletion(subjects, records, rewind, stage, mu, hash, salt);
        }

        Deletion salted(byte[] bytes) {
            return new Deletion(
                    subjects,
                    records,
                    rewind,
                    stage,
                    mu,
                    certificate,
                    HexFormat.of().formatHex(bytes));
        }
    }

    /**
     * What a deletion does.
     *
     * @param method its name
     * @param checkpoint the step that is rewound to, or gone on from until the gradient is small
     * @param noise what hides the rest; units 0 if nothing is to be hidden
     * @param assurance the weakest assurance its bound rests on
     * @param checkpointHash of the parameters at the checkpoint
     * @param destroyedKeys of the checkpoints that are destroyed
     */
    record Rewind(
            @JsonProperty("way") String method,
            int checkpoint,
            NoiseChoice noise,
            @JsonProperty("evidence") Assurance assurance,
            String checkpointHash,
            List<String> destroyedKeys) {

        Rewind {
            destroyedKeys = List.copyOf(destroyedKeys);
        }

        static Rewind of(UnlearningMethod method, CheckpointVault vault) throws IOException {
            if (method instanceof UnlearningMethod.ExactRewind rewind) {
                return of(method, rewind.checkpoint(), NoiseChoice.NONE, Assurance.PROVED, vault);
            }
            if (method instanceof UnlearningMethod.Retrain) {
                return of(method, 0, NoiseChoice.NONE, Assurance.PROVED, vault);
            }
            if (method instanceof UnlearningMethod.NoisyRewind rewind) {
                ReleaseNoise noise = rewind.noise();
                return of(method, rewind.checkpoint(), NoiseChoice.of(noise), noise.assurance(), vault);
            }
            if (method instanceof UnlearningMethod.Converge converge) {
                ReleaseNoise noise = converge.noise();
                // the one that it goes on from as well: it saw the records, and another one takes its place
                return new Rewind(
                        method.name(),
                        converge.checkpoint(),
                        NoiseChoice.of(noise),
                        noise.assurance(),
                        vault.sha256(converge.checkpoint()),
                        keys(vault, 0));
            }
            throw new IllegalArgumentException("a " + method.name() + " is another algorithm and cannot be chosen");
        }

        private static Rewind of(
                UnlearningMethod method, int checkpoint, NoiseChoice noise, Assurance assurance, CheckpointVault vault)
                throws IOException {
            return new Rewind(
                    method.name(), checkpoint, noise, assurance, vault.sha256(checkpoint), keys(vault, checkpoint));
        }

        private static List<String> keys(CheckpointVault vault, int after) throws IOException {
            List<String> keys = new ArrayList<>();
            for (int step : vault.steps().tailSet(after, false)) {
                keys.add(vault.keyId(step));
            }
            return keys;
        }

        /** Whether it goes on until the gradient is small, and rewinds to nothing. */
        boolean converges() {
            return method.equals(UnlearningMethod.Converge.NAME);
        }
    }

    private static final class IdsToNumbers extends StdConverter<RecordIds, long[]> {
        @Override
        public long[] convert(RecordIds ids) {
            return ids.stream().toArray();
        }
    }

    private static final class NumbersToIds extends StdConverter<long[], RecordIds> {
        @Override
        public RecordIds convert(long[] numbers) {
            return RecordIds.of(numbers);
        }
    }

    /** The noise of a release as it was decided; all zero if there is none. */
    record NoiseChoice(int exponent, long units, double bound, double sensitivity, double rounding) {

        static final NoiseChoice NONE = new NoiseChoice(0, 0, 0, 0, 0);

        static NoiseChoice of(ReleaseNoise chosen) {
            GaussianGrid grid = chosen.noise().grid();
            return new NoiseChoice(
                    grid.exponent(), grid.units(), grid.bound(), chosen.noise().sensitivity(), chosen.rounding());
        }

        /** What it is drawn on; only if there is noise. */
        GaussianGrid grid() {
            return new GaussianGrid(exponent, units, bound);
        }

        double sigma() {
            return Math.scalb((double) units, exponent);
        }
    }

    static ServiceState fresh(String objective, String recipe) {
        return new ServiceState(VERSION, objective, recipe, Double.NaN, false, List.of(), "");
    }

    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(FILE));
    }

    /**
     * What the file holds.
     *
     * @param sealed the state, sealed and in Base64
     */
    private record Envelope(int version, String sealed) {}

    /** Whether the state of a folder is sealed: those that release 0.1.0 wrote are not. */
    static boolean isSealed(Path folder) throws IOException {
        return version(folder.resolve(FILE), tree(folder.resolve(FILE))) == VERSION;
    }

    /**
     * Reads the state of a folder.
     *
     * @throws IOException if it is damaged, was changed since it was sealed, or is sealed with another key
     */
    static ServiceState read(Path folder, Seal seal) throws IOException {
        Path file = folder.resolve(FILE);
        JsonNode tree = tree(file);
        ServiceState state = version(file, tree) == VERSION
                ? parsed(file, opened(file, parsed(file, tree, Envelope.class).sealed(), seal))
                : parsed(file, tree, ServiceState.class);
        return new ServiceState(
                VERSION,
                state.objective,
                state.recipe,
                state.secondsPerGradient,
                state.trained,
                state.deletions,
                state.model);
    }

    private static JsonNode tree(Path file) throws IOException {
        try {
            return MAPPER.readTree(Files.readString(RegularFile.of(file, MOST_BYTES)));
        } catch (JsonProcessingException | CharacterCodingException e) {
            throw damaged(file, e);
        }
    }

    private static int version(Path file, JsonNode tree) throws IOException {
        if (!tree.path("version").isInt()) {
            throw new IOException(file + " is damaged: it has no version");
        }
        int version = tree.path("version").intValue();
        if (version < OLDEST || version > VERSION) {
            throw new IOException(
                    file + " has version " + version + ", this release reads " + OLDEST + " to " + VERSION);
        }
        return version;
    }

    private static ServiceState parsed(Path file, byte[] json) throws IOException {
        try {
            return parsed(file, MAPPER.readTree(json), ServiceState.class);
        } catch (JsonProcessingException e) {
            throw damaged(file, e);
        }
    }

    private static <T> T parsed(Path file, JsonNode tree, Class<T> type) throws IOException {
        try {
            T value = MAPPER.treeToValue(tree, type);
            KnownNames.require(MAPPER, tree, value);
            return value;
        } catch (JsonProcessingException e) {
            throw damaged(file, e);
        }
    }

    private static byte[] opened(Path file, String sealed, Seal seal) throws IOException {
        try {
            return seal.open(Base64.getDecoder().decode(sealed), FILE);
        } catch (GeneralSecurityException | IllegalArgumentException other) {
            throw new IOException(file + " was changed since it was sealed, or is sealed with another key", other);
        }
    }

    private static IOException damaged(Path file, IOException why) {
        String words = why instanceof JsonProcessingException json ? JsonFault.sentence(json) : "it is no text";
        return new IOException(file + " is damaged: " + words, why);
    }

    void write(Path folder, Seal seal) throws IOException {
        byte[] json = MAPPER.writeValueAsBytes(this);
        byte[] padded = Arrays.copyOf(json, (json.length + ROOM - 1) / ROOM * ROOM);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        String sealed = Base64.getEncoder().encodeToString(seal.seal(padded, FILE));
        try (AtomicFile target = AtomicFile.createPrivate(folder.resolve(FILE))) {
            target.stream().write(MAPPER.writeValueAsBytes(new Envelope(VERSION, sealed)));
            target.commit();
        }
    }

    ServiceState trained(double seconds) {
        return new ServiceState(version, objective, recipe, seconds, true, deletions, model);
    }

    ServiceState with(Deletion added) {
        List<Deletion> all = new ArrayList<>(deletions);
        all.add(added);
        return new ServiceState(version, objective, recipe, secondsPerGradient, trained, all, model);
    }

    ServiceState withLast(Deletion changed) {
        List<Deletion> all = new ArrayList<>(deletions);
        all.set(all.size() - 1, changed);
        return new ServiceState(version, objective, recipe, secondsPerGradient, trained, all, model);
    }

    /** With the newest release's files. */
    ServiceState releasing(String sha256) {
        return new ServiceState(version, objective, recipe, secondsPerGradient, trained, deletions, sha256);
    }

    Deletion last() {
        return deletions.get(deletions.size() - 1);
    }

    boolean hasUnfinished() {
        return !deletions.isEmpty() && last().stage() != Stage.DONE;
    }

    /** All records deleted so far, by unfinished deletions too. */
    RecordIds deleted() {
        return deleted(deletions.size());
    }

    /** All records of the first so many deletions. */
    RecordIds deleted(int first) {
        return RecordIds.union(
                deletions.subList(0, first).stream().map(Deletion::records).toList());
    }

    /** What all releases reveal together; with noise on the way they share one draw until a rewind goes behind it. */
    GaussianPrivacy told() {
        return told(deletions);
    }

    /** What the releases reveal about some records: those from the release that forgot the records on, until a retraining. */
    GaussianPrivacy toldOf(RecordIds ids) {
        for (int first = 0; first < deletions.size(); first++) {
            if (ids.stream().anyMatch(deletions.get(first).records()::contains)) {
                return toldFrom(first);
            }
        }
        return GaussianPrivacy.EXACT;
    }

    /** The most that the releases reveal about any subject. */
    GaussianPrivacy toldMost() {
        return IntStream.range(0, deletions.size())
                .mapToObj(this::toldFrom)
                .max(Comparator.comparingDouble(GaussianPrivacy::mu))
                .orElse(GaussianPrivacy.EXACT);
    }

    private GaussianPrivacy toldFrom(int first) {
        int end = first;
        while (end < deletions.size() && deletions.get(end).rewind().checkpoint() > 0) {
            end++;
        }
        return told(deletions.subList(first, end));
    }

    private static GaussianPrivacy told(List<Deletion> some) {
        return GaussianPrivacy.composed(some.stream()
                .map(deletion -> new GaussianPrivacy(deletion.mu()))
                .toList());
    }
}
