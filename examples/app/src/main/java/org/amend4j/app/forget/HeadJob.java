/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Report;
import org.amend4j.certificate.Issuer;
import org.amend4j.data.BadInputException;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.LedgerReading;
import org.amend4j.transparency.LogCheckpoint;
import org.amend4j.transparency.NoteKey;
import org.amend4j.transparency.SignedNote;
import org.amend4j.transparency.TreeHead;

/** Signs the present head of a ledger, to be kept elsewhere. Needs the keys, not the data, and changes nothing in the folder. */
public final class HeadJob {

    private HeadJob() {}

    /**
     * The head of a model that forgets.
     *
     * @param out where it goes; empty: into the report alone
     * @throws BadInputException if the folder is none, its ledger is damaged, the keys are others, or {@code out} is something else than a
     *     head of this ledger
     */
    public static Report head(Path folder, Path keys, Optional<Path> out) throws IOException {
        ForgettingSettings settings = SettingsFile.read(folder);
        LedgerReading ledger;
        Issuer issuer;
        try {
            issuer = KeyFolder.open(keys).issuer();
            ledger = DeletionLedger.read(folder);
        } catch (IOException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
        if (!issuer.publicKey().equals(settings.origin().issuer())) {
            throw new BadInputException("--keys: the keys in " + keys + " are not those of " + folder);
        }
        SignedNote note = issuer.sign(new LogCheckpoint(ledger.origin(), ledger.head()));
        String text = new String(note.bytes(), StandardCharsets.UTF_8);
        Facts facts = new Facts(
                Head.of(ledger.head()),
                ledger.origin(),
                ledger.format(),
                NoteKey.of(ledger.origin(), NoteKey.Kind.NOTE, issuer.publicKey())
                        .toString(),
                text,
                out.map(Path::toString));
        if (out.isEmpty()) {
            return new Report(facts, text.strip());
        }
        Places.requireForHead("--out", out.get(), folder, ledger.origin());
        WholeFile.write(out.get(), note.bytes());
        return new Report(facts, "head in " + out.get() + ": " + sentence(ledger.head()));
    }

    /**
     * For JSON.
     *
     * @param key of the issuer, as verifiers of notes take it
     * @param note signed
     * @param file with the note
     */
    private record Facts(
            @JsonUnwrapped Head head,
            String origin,
            int ledgerFormat,
            String key,
            String note,
            Optional<String> file) {}

    /** Size and root of a ledger, for JSON. */
    record Head(int size, String root) {

        static Head of(TreeHead head) {
            return new Head(head.size(), head.root().hex());
        }
    }

    /** Size and root, and what to do with them. */
    static String sentence(TreeHead head) {
        return "the ledger of requests has " + head.size() + (head.size() == 1 ? " entry, root " : " entries, root ")
                + head.root() + "; keep a copy of head.txt elsewhere: it alone shows whether entries are missing later";
    }
}
