/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.deletion.DamagedLedgerException;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.LedgerReading;
import org.amend4j.transparency.LogCheckpoint;
import org.amend4j.transparency.NoteKey;
import org.amend4j.transparency.SignedNote;
import org.amend4j.transparency.SignedNote.Verdict;

/**
 * A witness signs the head of another party's ledger, but only if the issuer signed it and the ledger at hand has both it and the head that
 * this witness signed before. So different people cannot be shown different ledgers.
 */
public final class CosignJob {

    private static final int LARGEST = 1 << 18;

    private final Path head;
    private final Path ledger;
    private final String publicKey;

    /**
     * What to sign.
     *
     * @param head a signed note
     * @param ledger its directory or file
     * @param publicKey of the ledger's issuer, known from elsewhere: base64
     */
    public CosignJob(Path head, Path ledger, String publicKey) {
        this.head = head;
        this.ledger = ledger;
        this.publicKey = publicKey;
    }

    /**
     * Signs.
     *
     * @param witnessKeys the witness's folder, made if it is missing
     * @param previous a head that the witness signed before, besides what it remembers
     * @param out where the head goes with the signature added
     * @throws BadInputException if the witness must not sign this; nothing is signed then
     */
    public Report cosign(Path witnessKeys, Optional<Path> previous, Path out) throws IOException {
        SignedNote note = read("HEAD", head);
        LedgerReading reading = reading();
        Places.requireForHead("--out", out, ledger, reading.origin());
        LogCheckpoint checkpoint = requireSignedAndContained("HEAD: " + head, note, reading);
        try (WitnessFolder witness = WitnessFolder.openOrCreate(witnessKeys)) {
            return cosign(witness, note, checkpoint, reading, previous, out);
        }
    }

    private Report cosign(
            WitnessFolder witness,
            SignedNote note,
            LogCheckpoint checkpoint,
            LedgerReading reading,
            Optional<Path> previous,
            Path out)
            throws IOException {
        Optional<SignedNote> last = witness.last(checkpoint.origin());
        if (last.isPresent()) {
            requireBefore("the head that this witness signed last", last.get(), checkpoint, witness, reading);
        }
        if (previous.isPresent()) {
            requireBefore("--previous", read("--previous", previous.get()), checkpoint, witness, reading);
        }
        SignedNote signed = witness.sign(checkpoint.origin(), note);
        WholeFile.write(out, signed.bytes());
        return new Report(
                new Facts(
                        HeadJob.Head.of(checkpoint.head()),
                        out.toString(),
                        witness.key().toString()),
                "signed: the ledger has this head of " + checkpoint.head().size() + " entries, and "
                        + (last.isPresent() || previous.isPresent() ? "those before" : "none was signed before")
                        + System.lineSeparator() + "witness " + witness.key());
    }

    /**
     * For JSON.
     *
     * @param file with the head and all signatures
     * @param witness its key
     */
    private record Facts(@JsonUnwrapped HeadJob.Head head, String file, String witness) {}

    private LedgerReading reading() {
        try {
            return DeletionLedger.read(ledger);
        } catch (IOException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
    }

    private static SignedNote read(String option, Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
            throw new BadInputException(option + ": " + file + " is not a head of a ledger");
        }
        try {
            return SignedNote.parse(Files.readAllBytes(file));
        } catch (IllegalArgumentException e) {
            throw new BadInputException(option + ": " + file + " is not a head of a ledger: " + e.getMessage(), e);
        }
    }

    private LogCheckpoint requireSignedAndContained(String what, SignedNote note, LedgerReading reading) {
        try {
            LogCheckpoint checkpoint = LogCheckpoint.of(note);
            NoteKey issuer = NoteKey.of(checkpoint.origin(), NoteKey.Kind.NOTE, publicKey);
            if (note.by(issuer) != Verdict.SIGNED) {
                throw new BadInputException(what + " is not signed by the key of --public-key");
            }
            if (!checkpoint.origin().equals(reading.origin())) {
                throw new BadInputException(what + " is of another ledger than " + ledger);
            }
            reading.requireContains(checkpoint.head());
            return checkpoint;
        } catch (IllegalArgumentException | DamagedLedgerException e) {
            throw new BadInputException(what + " is not signed: " + e.getMessage(), e);
        }
    }

    private void requireBefore(
            String what, SignedNote before, LogCheckpoint now, WitnessFolder witness, LedgerReading reading) {
        if (before.by(witness.key()) != Verdict.SIGNED) {
            throw new BadInputException(what + " does not have this witness's signature");
        }
        LogCheckpoint earlier = requireSignedAndContained(what, before, reading);
        if (earlier.head().size() > now.head().size()) {
            throw new BadInputException(what + " has " + earlier.head().size() + " entries, HEAD has "
                    + now.head().size() + ": only later heads are signed");
        }
    }
}
