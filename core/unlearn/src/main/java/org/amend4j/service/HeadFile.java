/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.transparency.LogCheckpoint;
import org.amend4j.transparency.NoteKey;
import org.amend4j.transparency.SignedNote;

/**
 * The newest head of a service's ledger, signed by its issuer: to be copied elsewhere. Written after the entries that it
 * covers, so that the ledger always contains it.
 */
final class HeadFile {

    private static final int MOST_BYTES = 1 << 20;

    private final Path file;
    private final DeletionLedger ledger;
    private final Issuer issuer;

    HeadFile(Path folder, DeletionLedger ledger, Issuer issuer) {
        this.file = folder.resolve(UnlearningService.HEAD);
        this.ledger = ledger;
        this.issuer = issuer;
    }

    /**
     * Refuses a ledger other than the one with the head that was written last.
     *
     * @throws IOException if entries are missing or were changed since, or the file is none that this issuer wrote
     */
    void requireContained() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        try {
            SignedNote note = SignedNote.parse(Files.readAllBytes(RegularFile.of(file, MOST_BYTES)));
            LogCheckpoint written = LogCheckpoint.of(note);
            NoteKey key = NoteKey.of(ledger.origin(), NoteKey.Kind.NOTE, issuer.publicKey());
            if (note.by(key) != SignedNote.Verdict.SIGNED || !written.origin().equals(ledger.origin())) {
                throw new IOException(file + " is not a head of this ledger, signed by its issuer");
            }
            ledger.requireContains(written.head());
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    /**
     * Refuses a service that lost it: entries could be missing.
     *
     * @param trained whether it was written before
     */
    void requireThereIf(boolean trained) throws IOException {
        if (trained && !Files.exists(file)) {
            throw new IOException(file + " was lost, which shows that no entry of the ledger is missing: put it back");
        }
    }

    /** Writes the present head. */
    void write() throws IOException {
        try (AtomicFile target = AtomicFile.create(file)) {
            target.stream()
                    .write(issuer.sign(new LogCheckpoint(ledger.origin(), ledger.head()))
                            .bytes());
            target.commit();
        }
    }
}
