package org.amend4j.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.amend4j.verify.LedgerChain.Entry;

/** What a certificate says about other things, held against them. */
final class OutsideChecks {

    private static final int LARGEST_RING = 1 << 26;

    /** What is between the ids of keys. */
    private static final Pattern NO_KEY = Pattern.compile("[^A-Za-z0-9._:-]+");

    private final SignedCertificate certificate;
    private final Claims claims;
    private final VerifierInputs inputs;

    OutsideChecks(SignedCertificate certificate, VerifierInputs inputs) {
        this.certificate = certificate;
        this.claims = certificate.claims();
        this.inputs = inputs;
    }

    List<Check> all() {
        List<Check> checks = new ArrayList<>(List.of(issuer(), release()));
        checks.addAll(ledger());
        checks.add(keyRing());
        Claims.Deletion deletion = claims.deletion();
        checks.add(records("deleted records", inputs.deleted(), deletion.recordsEver(), deletion.recordsDigest()));
        checks.add(records(
                "retained records",
                inputs.retained(),
                deletion.recordsBefore() - deletion.recordsEver(),
                deletion.retainedDigest()));
        return checks;
    }

    private Check issuer() {
        String name = "issuer";
        if (inputs.trustedKey().isEmpty()) {
            return Check.notChecked(name, "no trusted public key was given: anybody can have signed");
        }
        return inputs.trustedKey().get().equals(certificate.publicKey())
                ? Check.passed(name, "the key is the trusted one")
                : Check.failed(name, "the key is not the trusted one");
    }

    private Check release() {
        String name = "released files";
        if (inputs.release().isEmpty()) {
            return Check.notChecked(name, "no released folder was given");
        }
        Path folder = inputs.release().get();
        if (!Files.isDirectory(folder)) {
            return Check.failed(name, folder + " is not a folder");
        }
        try {
            return Sha256.ofFolder(folder).equals(claims.hashes().model())
                    ? Check.passed(name, "they are those of the certificate")
                    : Check.failed(name, "they are not those of the certificate");
        } catch (IOException | UncheckedIOException e) {
            return Check.failed(name, "they cannot be read: " + e.getMessage());
        }
    }

    private List<Check> ledger() {
        String chain = "ledger";
        String request = "request";
        String erasure = "erasure";
        if (inputs.ledger().isEmpty()) {
            String missing = "no ledger was given";
            return List.of(
                    Check.notChecked(chain, missing),
                    Check.notChecked(request, missing),
                    Check.notChecked(erasure, missing));
        }
        try {
            LedgerChain ledger = LedgerChain.read(inputs.ledger().get());
            return List.of(head(chain, ledger), request(request, ledger), erasure(erasure, ledger));
        } catch (RejectedException e) {
            String unreadable = "the ledger is damaged";
            return List.of(
                    Check.failed(chain, unreadable + ": " + e.sentence()),
                    Check.notChecked(request, unreadable),
                    Check.notChecked(erasure, unreadable));
        }
    }

    private Check head(String name, LedgerChain ledger) {
        Inspection all = new Inspection(name);
        long sequence = claims.hashes().ledgerSequence();
        boolean there = sequence < ledger.entries().size()
                && ledger.entries()
                        .get((int) sequence)
                        .hash()
                        .equals(claims.hashes().ledgerHead());
        all.require(there, "entry " + sequence + " is not the one that the certificate names");
        all.note(ledger.torn(), "its last line cannot be read and was left out");
        return all.conclude("a whole chain of " + ledger.entries().size() + " entries, with the one that is named");
    }

    private Optional<Entry> certified(LedgerChain ledger) {
        return ledger.entries().stream()
                .filter(entry -> entry.type().equals("CERTIFIED")
                        && certificate.sha256().equals(entry.facts().get("certificate")))
                .findFirst();
    }

    private Check request(String name, LedgerChain ledger) {
        List<String> subjects = claims.deletion().subjects();
        if (subjects.isEmpty()) {
            return Check.notChecked(name, "the certificate names no subjects");
        }
        Optional<Entry> certified = certified(ledger);
        if (certified.isEmpty()) {
            return Check.failed(name, "no entry CERTIFIED has the hash of this certificate");
        }
        Inspection all = new Inspection(name);
        long end = certified.get().sequence();
        long head = claims.hashes().ledgerSequence();
        all.require(certified.get().isAbout(subjects), "the entry CERTIFIED is not about all subjects");
        all.require(head < end, "the certificate names an entry that was made after it");
        all.require(
                ledger.last("INTENT", subjects, Math.min(end, head == Long.MAX_VALUE ? head : head + 1))
                        .isPresent(),
                "no entry INTENT about all subjects was made before");
        Optional<Entry> released = ledger.last("RELEASED", subjects, end);
        all.require(released.isPresent(), "no entry RELEASED about all subjects was made before");
        released.ifPresent(entry -> all.require(
                claims.hashes().model().equals(entry.facts().get("model")), "the entry RELEASED has another model"));
        return all.conclude("the ledger has the request of all subjects, the model and this certificate");
    }

    private Check erasure(String name, LedgerChain ledger) {
        Set<String> unsaid = new TreeSet<>(claims.retention().destroyedKeys());
        Optional<Entry> erased = certified(ledger)
                .flatMap(entry -> ledger.first("ERASED", claims.deletion().subjects(), entry.sequence()));
        if (erased.isEmpty()) {
            return Check.notChecked(name, "the ledger has no entry ERASED after this certificate yet");
        }
        unsaid.removeAll(new TreeSet<>(
                List.of(erased.get().facts().getOrDefault("keys", "").split(",", -1))));
        return unsaid.isEmpty()
                ? Check.passed(name, "the ledger notes that every destroyed key was destroyed")
                : Check.failed(name, "the ledger does not note that keys were destroyed: " + unsaid);
    }

    private Check keyRing() {
        String name = "key ring";
        if (inputs.keyRing().isEmpty()) {
            return Check.notChecked(name, "no key ring was given");
        }
        try {
            byte[] bytes = SmallFiles.read(inputs.keyRing().get(), LARGEST_RING);
            Set<String> words = new HashSet<>(List.of(NO_KEY.split(new String(bytes, StandardCharsets.ISO_8859_1))));
            List<String> alive = claims.retention().destroyedKeys().stream()
                    .filter(words::contains)
                    .toList();
            return alive.isEmpty()
                    ? Check.passed(name, "it has none of the destroyed keys")
                    : Check.failed(name, "it still has keys that are said to be destroyed: " + alive);
        } catch (RejectedException e) {
            return Check.failed(name, e.sentence());
        }
    }

    private static Check records(String name, Optional<Ids> given, int count, String digest) {
        if (given.isEmpty()) {
            return Check.notChecked(name, "their ids were not given");
        }
        Inspection all = new Inspection(name);
        Ids ids = given.get();
        all.require(ids.areDistinct(), "an id was given twice");
        all.require(
                ids.size() == count, "there are " + count + " in the certificate, and " + ids.size() + " were given");
        all.require(ids.digest().equals(digest), "their digest is not the one of the certificate");
        return all.conclude("all " + count + " are those of the certificate");
    }
}
