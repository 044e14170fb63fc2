/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.amend4j.transparency.LogCheckpoint;
import org.amend4j.transparency.NoteKey;
import org.amend4j.transparency.SignedNote;
import org.amend4j.transparency.SignedNote.Verdict;

/** A head of the ledger that was kept elsewhere, compared with the ledger, and its signatures. */
final class HeadChecks {

    private static final String NAME = "kept head";
    private static final int LARGEST = 1 << 18;
    private static final String ORIGIN = "amend4j/deletions/";
    private static final int ORIGIN_DIGITS = 32;

    private final Path file;
    private final VerifierInputs inputs;
    private final LedgerChain ledger;
    private final Inspection all = new Inspection(NAME);

    private HeadChecks(Path file, VerifierInputs inputs, LedgerChain ledger) {
        this.file = file;
        this.inputs = inputs;
        this.ledger = ledger;
    }

    static Check of(VerifierInputs inputs, LedgerChain ledger) {
        return inputs.trusted()
                .head()
                .map(file -> new HeadChecks(file, inputs, ledger).check())
                .orElseGet(HeadChecks::notGiven);
    }

    /** The check where there is no ledger that could be read. */
    static Check without(VerifierInputs inputs, String why) {
        return inputs.trusted().head().isEmpty() ? notGiven() : Check.notChecked(NAME, why);
    }

    private static Check notGiven() {
        return Check.notChecked(
                NAME,
                "no head of the ledger that was kept elsewhere was given: a ledger whose end is missing or was written"
                        + " anew cannot be told from a whole one");
    }

    private Check check() {
        try {
            SignedNote note = SignedNote.parse(SmallFiles.read(file, LARGEST));
            return check(note, LogCheckpoint.of(note));
        } catch (RejectedException e) {
            return Check.failed(NAME, e.sentence());
        } catch (IllegalArgumentException e) {
            return Check.failed(NAME, file + " cannot be read: " + e.getMessage());
        }
    }

    private Check check(SignedNote note, LogCheckpoint checkpoint) {
        List<String> signers = signers(note, checkpoint);
        contains(checkpoint);
        int size = checkpoint.head().size();
        String sentence = "the ledger begins with the " + size + " entries of the head, "
                + (ledger.entries().size() - size) + " came after";
        Check check = all.conclude(sentence + "; signed by " + String.join(", ", signers));
        return check.outcome() == Check.Outcome.PASSED && signers.isEmpty()
                ? Check.notChecked(NAME, sentence + ", but no trusted key was given: anybody can have signed the head")
                : check;
    }

    private List<String> signers(SignedNote note, LogCheckpoint checkpoint) {
        List<String> signers = new ArrayList<>();
        List<NoteKey> known = new ArrayList<>();
        issuer(checkpoint).ifPresent(key -> {
            all.require(note.by(key) == Verdict.SIGNED, "it is not signed by the trusted key");
            signers.add("the issuer");
            known.add(key);
        });
        for (String text : new LinkedHashSet<>(inputs.trusted().witnesses())) {
            Optional<NoteKey> witness = witness(text);
            all.require(witness.isPresent(), "a witness's key must be written name+id+base64");
            witness.ifPresent(key -> {
                requireAnother(key, known);
                known.add(key);
                all.require(note.by(key) == Verdict.SIGNED, "it is not signed by " + key.name());
                signers.add(key.name()
                        + note.cosignedAt(key).map(time -> " at " + time).orElse(""));
            });
        }
        return signers;
    }

    /** A witness that is the issuer, or another witness, under another name shows nothing. */
    private void requireAnother(NoteKey witness, List<NoteKey> known) {
        for (NoteKey one : known) {
            all.require(!witness.isSameKeyAs(one), witness.name() + " has the same key as " + one.name());
        }
    }

    private Optional<NoteKey> issuer(LogCheckpoint checkpoint) {
        try {
            return inputs.trusted().key().map(key -> NoteKey.of(checkpoint.origin(), NoteKey.Kind.NOTE, key));
        } catch (IllegalArgumentException e) {
            all.require(false, "the trusted key is no Ed25519 public key");
            return Optional.empty();
        }
    }

    private static Optional<NoteKey> witness(String text) {
        try {
            return Optional.of(NoteKey.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void contains(LogCheckpoint checkpoint) {
        String key = ledger.entries().get(0).facts().getOrDefault("key", "");
        all.require(
                key.length() >= ORIGIN_DIGITS && checkpoint.origin().equals(ORIGIN + key.substring(0, ORIGIN_DIGITS)),
                "it is of another ledger");
        int size = checkpoint.head().size();
        int there = ledger.entries().size();
        all.require(
                size <= there,
                "the ledger has " + there + (there == 1 ? " entry, and had " : " entries, and had ") + size
                        + " when the head was kept: entries are missing");
        all.require(
                size > there
                        || ledger.tree().root(size).equals(checkpoint.head().root()),
                "the ledger's first " + size + " entries are not those of the head: some were written anew");
    }
}
