/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.certificate.Digests;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.WriterLock;
import org.amend4j.keys.Seal;
import org.amend4j.objective.RecordIds;
import org.amend4j.random.RandomBytes;
import org.amend4j.record.RecordCommitments;
import org.amend4j.record.RecordFile;
import org.amend4j.service.ServiceState.Stage;

/**
 * The commitments to a service's records, in its folder as {@value #FILE}; private to the operator of the service. They show
 * whether data is the training data, without a hash of it that could be guessed, and allow rows of forgotten subjects to be
 * erased: a record's content is no longer read once its deletion is finished.
 */
public final class ServiceRecords {

    /** The file in a service's folder. */
    public static final String FILE = "records.bin";

    private static final String LOCK = "records.lock";

    private final Path file;
    private final RecordFile content;
    private final Seal seal;

    private ServiceRecords(Path file, RecordFile content, Seal seal) {
        this.file = file;
        this.content = content;
        this.seal = seal;
    }

    /**
     * The commitments in a folder, read only; empty if it has none yet.
     *
     * @param key of the service's subjects
     * @throws IOException if they are damaged
     */
    public static Optional<RecordCommitments> in(Path folder, SubjectKey key) throws IOException {
        Path file = folder.resolve(FILE);
        return Files.exists(file)
                ? Optional.of(RecordFile.read(file, key.seal()).commitments())
                : Optional.empty();
    }

    /**
     * What names the run in a folder, for the vault of its checkpoints: 64 hexadecimal digits that tell nothing about any record.
     * Commits to the records if the folder is new. A run that was begun before there were commitments keeps its old name, a hash
     * of all its records.
     *
     * @param folder made if it is missing; its parent must exist
     * @param key of the service's subjects
     * @throws IOException if what is there is damaged
     */
    public static String label(Path folder, ForgettingModel model, SubjectKey key) throws IOException {
        return label(folder, model, key, RandomBytes.secure());
    }

    /** As {@link #label(Path, ForgettingModel, SubjectKey)}, with the randomness of the salts given. */
    static String label(Path folder, ForgettingModel model, SubjectKey key, RandomBytes random) throws IOException {
        Path file = folder.resolve(FILE);
        Seal seal = key.seal();
        if (Files.exists(file)) {
            return RecordFile.read(file, seal).label();
        }
        if (ServiceState.isIn(folder)) {
            return ServiceState.read(folder, seal).objective();
        }
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder);
            Path parent = folder.toAbsolutePath().getParent();
            if (parent != null) {
                AtomicFile.forceDirectory(parent);
            }
        }
        // two who begin at once must not name one run twice
        WriterLock lock = WriterLock.of(folder, LOCK, "the records");
        try {
            return Files.exists(file)
                    ? RecordFile.read(file, seal).label()
                    : committed(file, model, seal, random).content.label();
        } finally {
            lock.close();
        }
    }

    /**
     * Opens those of a folder; commits to the records if there are none yet.
     *
     * @param folder that exists
     * @throws IOException if they are damaged, or of another model or other data
     */
    static ServiceRecords open(Path folder, ForgettingModel model, Seal seal) throws IOException {
        Path file = folder.resolve(FILE);
        if (Files.exists(file)) {
            RecordFile content = RecordFile.read(file, seal);
            require(folder, content, model);
            return new ServiceRecords(file, content, seal);
        }
        return ServiceState.isIn(folder)
                ? adopted(folder, model, ServiceState.read(folder, seal), seal)
                : committed(file, model, seal, RandomBytes.secure());
    }

    private static void require(Path folder, RecordFile content, ForgettingModel model) throws IOException {
        if (!content.settings().equals(settings(model))) {
            throw new IOException(folder + " belongs to another model");
        }
        try {
            content.commitments().require(model.records());
        } catch (IllegalArgumentException other) {
            throw new IOException(folder + " belongs to other data: " + other.getMessage(), other);
        }
    }

    private static String settings(ForgettingModel model) {
        return model.run().objective().settingsFingerprint();
    }

    private static ServiceRecords committed(Path file, ForgettingModel model, Seal seal, RandomBytes random)
            throws IOException {
        RecordCommitments commitments = RecordCommitments.of(model.records(), random);
        RecordFile content = new RecordFile(settings(model), identity(settings(model), commitments), commitments);
        content.write(file, seal);
        return new ServiceRecords(file, content, seal);
    }

    /**
     * Commits to the records of a folder that a release without commitments made. They must all be there, this once: its fingerprint
     * is of all of them.
     */
    private static ServiceRecords adopted(Path folder, ForgettingModel model, ServiceState state, Seal seal)
            throws IOException {
        String label = model.run().objective().fingerprint();
        if (!label.equals(state.objective())) {
            throw new IOException(folder + " belongs to another model or other data, or has lost its " + FILE);
        }
        RecordCommitments commitments = RecordCommitments.of(model.records(), RandomBytes.secure());
        state.deletions().stream()
                .filter(deletion -> deletion.stage() == Stage.DONE)
                .forEach(deletion -> commitments.bury(deletion.records().stream()));
        RecordFile content = new RecordFile(settings(model), label, commitments);
        content.write(folder.resolve(FILE), seal);
        return new ServiceRecords(folder.resolve(FILE), content, seal);
    }

    private static String identity(String settings, RecordCommitments commitments) {
        return Digests.of((settings + " " + commitments.root().hex()).getBytes(StandardCharsets.UTF_8));
    }

    /** Names the run; of an old folder an unsalted hash of all records. */
    String label() {
        return content.label();
    }

    /** The root over all records: 64 hexadecimal digits that tell nothing about any of them, the same for ever. */
    String root() {
        return content.commitments().root().hex();
    }

    /** Destroys the salts of records that are forgotten; on the disk when this returns. Doing it again changes nothing. */
    void bury(RecordIds forgotten) throws IOException {
        content.commitments().bury(forgotten.stream());
        content.write(file, seal);
    }

    /** Whether the file is sealed: that of release 0.1.0 is not. */
    boolean isSealed() throws IOException {
        return RecordFile.isSealed(file);
    }

    /** Seals it. */
    void seal() throws IOException {
        content.write(file, seal);
    }

    /** Those that are forgotten. */
    RecordIds tombstones() {
        RecordCommitments commitments = content.commitments();
        return RecordIds.of(IntStream.range(0, commitments.size())
                .filter(commitments::isTombstone)
                .mapToLong(commitments::id)
                .toArray());
    }
}
