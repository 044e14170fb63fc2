/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.amend4j.verify.Claims.PrivateNames.Commitments;
import org.amend4j.verify.LedgerChain.Entry;

/** The statements of a certificate about other things, compared with these. */
final class OutsideChecks {

    /** No noise is farther out, in units of σ, in the lifetime of the universe. */
    private static final double FARTHEST = 40;

    private static final int LARGEST_RING = 1 << 26;

    /** How every key ring begins. */
    private static final String RING = "amend4j key ring ";

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
        List<Check> checks = new ArrayList<>(List.of(issuer(), release(), parameters()));
        checks.add(new ChainChecks(certificate, inputs.published().certificates()).chain());
        checks.addAll(ledger());
        checks.add(keyRing());
        checks.addAll(new RecordChecks(certificate, inputs).all());
        return checks;
    }

    private Check issuer() {
        String name = "issuer";
        if (inputs.trusted().key().isEmpty()) {
            return Check.notChecked(name, "no trusted public key was given: anybody can have signed");
        }
        return inputs.trusted().key().get().equals(certificate.publicKey())
                ? Check.passed(name, "the key is the trusted one")
                : Check.failed(name, "the key is not the trusted one");
    }

    private Check release() {
        String name = "released files";
        if (inputs.published().release().isEmpty()) {
            return Check.notChecked(name, "no released folder was given");
        }
        Path folder = inputs.published().release().get();
        if (!Files.isDirectory(folder)) {
            return Check.failed(name, folder + " is not a folder");
        }
        try {
            List<String> differences = claims.format() == 1
                    ? Sha256.ofFolder(folder)
                                    .equals(claims.references().hashes().model())
                            ? List.of()
                            : List.of("they are not those of the certificate")
                    : ReleasedFiles.differences(folder, claims.references().files());
            return differences.isEmpty()
                    ? Check.passed(name, "they are those of the certificate, and there are no others")
                    : Check.failed(name, String.join("; ", differences));
        } catch (IOException | UncheckedIOException e) {
            return Check.failed(name, "they cannot be read: " + e.getMessage());
        }
    }

    /** The dimension and the grid of the noise, in the released numbers themselves. */
    private Check parameters() {
        String name = "parameters";
        if (inputs.published().release().isEmpty()) {
            return Check.notChecked(name, "no released folder was given");
        }
        try {
            Optional<ReleasedParameters> read =
                    ReleasedParameters.of(inputs.published().release().get());
            return read.isEmpty()
                    ? Check.notChecked(name, "the release holds no file whose parameters are known here")
                    : parameters(new Inspection(name), read.get());
        } catch (IOException | RuntimeException e) {
            return Check.failed(name, "they cannot be read: " + e.getMessage());
        }
    }

    private Check parameters(Inspection all, ReleasedParameters released) {
        Claims.Noise noise = claims.protection().noise();
        boolean network = released.all();
        all.require(
                network ? released.size() == noise.dimension() : released.size() >= noise.dimension(),
                "the release has " + released.size() + " parameters, the certificate " + noise.dimension());
        boolean atTheEnd = claims.grounds().algorithm().noisePlacement().equals("end");
        if (atTheEnd) {
            double most = noise.parameterBound() + FARTHEST * noise.sigma();
            long onGrid = released.onGrid(noise.step(), most);
            all.require(
                    onGrid >= noise.dimension(),
                    "only " + onGrid + " of " + noise.dimension()
                            + " parameters are multiples of the grid's step, at most " + most);
        }
        return all.conclude(noise.dimension() + " parameters" + (atTheEnd ? ", all on the grid of the noise" : ""));
    }

    private List<Check> ledger() {
        String chain = "ledger";
        String request = "request";
        String erasure = "erasure";
        if (inputs.published().ledger().isEmpty()) {
            String missing = "no ledger was given";
            return List.of(
                    Check.notChecked(chain, missing),
                    HeadChecks.without(inputs, missing),
                    Check.notChecked("releases", missing),
                    Check.notChecked(request, missing),
                    Check.notChecked(erasure, missing));
        }
        try {
            LedgerChain ledger = LedgerChain.read(inputs.published().ledger().get());
            return List.of(
                    head(chain, ledger),
                    HeadChecks.of(inputs, ledger),
                    releases(ledger),
                    request(request, ledger),
                    erasure(erasure, ledger));
        } catch (RejectedException e) {
            String unreadable = "the ledger is damaged";
            return List.of(
                    Check.failed(chain, unreadable + ": " + e.sentence()),
                    HeadChecks.without(inputs, unreadable),
                    Check.notChecked("releases", unreadable),
                    Check.notChecked(request, unreadable),
                    Check.notChecked(erasure, unreadable));
        }
    }

    /** Every certificate that the ledger knows must be at hand: a release that is hidden can hide what it told. */
    private Check releases(LedgerChain ledger) {
        String name = "releases";
        if (inputs.published().certificates().isEmpty()) {
            return Check.notChecked(name, "the other certificates were not given");
        }
        try {
            Set<String> hashes = new HashSet<>();
            for (Path file : inputs.published().certificates().get()) {
                hashes.add(SignedCertificate.sha256(file));
            }
            hashes.add(certificate.sha256());
            List<String> missing = ledger.entries().stream()
                    .filter(entry -> entry.type().equals("CERTIFIED"))
                    .filter(entry -> !hashes.contains(entry.facts().get("certificate")))
                    .map(entry -> Long.toString(entry.sequence()))
                    .toList();
            Inspection all = new Inspection(name);
            all.require(missing.isEmpty(), "certificates of the ledger's entries " + missing + " are missing");
            List<String> left = leftOver(ledger);
            all.require(
                    left.isEmpty(),
                    "models that were to be removed, or that no certificate is of, lie beside the release: " + left);
            return all.conclude("every certificate of the ledger is at hand");
        } catch (RejectedException e) {
            return Check.failed(name, "certificates cannot be read: " + e.sentence());
        } catch (IOException | UncheckedIOException e) {
            return Check.failed(name, "certificates cannot be read: " + e.getMessage());
        }
    }

    /** What is in the folder of releases and should not be; before the deletion came to its end, earlier releases are still there. */
    private List<String> leftOver(LedgerChain ledger) throws IOException {
        Optional<Integer> number = claims.grounds()
                .algorithm()
                .schedule()
                .map(schedule -> schedule.earlier().size() + 1);
        return inputs.published().releases().isEmpty()
                        || number.isEmpty()
                        || erased(ledger).isEmpty()
                ? List.of()
                : ReleasedFiles.leftOver(inputs.published().releases().get(), number.get());
    }

    private Optional<Entry> erased(LedgerChain ledger) {
        return certified(ledger)
                .flatMap(entry -> ledger.first("ERASED", claims.deletion().subjects(), entry.sequence()));
    }

    private Check head(String name, LedgerChain ledger) {
        Inspection all = new Inspection(name);
        long sequence = claims.references().hashes().ledgerSequence();
        boolean there = sequence < ledger.entries().size()
                && ledger.entries()
                        .get((int) sequence)
                        .hash()
                        .equals(claims.references().hashes().ledgerHead());
        all.require(there, "entry " + sequence + " is not the one that the certificate names");
        all.note(ledger.torn(), "its last line cannot be read and was left out");
        all.note(ledger.backwards(), "times in it run backwards, which its format allows");
        return all.conclude("a whole ledger of " + ledger.entries().size() + " entries in format "
                + ledger.format().version() + ", with the one that is named");
    }

    private Optional<Entry> certified(LedgerChain ledger) {
        return ledger.entries().stream()
                .filter(entry -> entry.type().equals("CERTIFIED")
                        && certificate.sha256().equals(entry.facts().get("certificate")))
                .findFirst();
    }

    private Check request(String name, LedgerChain ledger) {
        List<String> subjects = claims.deletion().subjects();
        Optional<Entry> certified = certified(ledger);
        if (certified.isEmpty()) {
            return Check.failed(name, "no entry CERTIFIED has the hash of this certificate");
        }
        Inspection all = new Inspection(name);
        long end = certified.get().sequence();
        long head = claims.references().hashes().ledgerSequence();
        all.require(certified.get().isOf(subjects), "the entry CERTIFIED is about other subjects");
        all.require(head < end, "the certificate names an entry that was made after it");
        Optional<Entry> intent =
                ledger.last("INTENT", subjects, Math.min(end, head == Long.MAX_VALUE ? head : head + 1));
        Optional<Entry> released = ledger.last("RELEASED", subjects, end);
        long unasked =
                ledger.without("RECEIVED", subjects, intent.map(Entry::sequence).orElse(end));
        all.require(unasked == 0, "no entry RECEIVED was made before for " + unasked + " of these subjects");
        all.require(intent.isPresent(), "no entry INTENT about these subjects was made before");
        all.require(released.isPresent(), "no entry RELEASED about these subjects was made before");
        intent.ifPresent(entry -> intent(all, entry));
        released.ifPresent(entry -> released(all, entry, certified.get()));
        return all.conclude(
                "the ledger has the request of these subjects, what was to be done, the model and this certificate");
    }

    private void intent(Inspection all, Entry entry) {
        if (claims.references().names() instanceof Commitments commitments) {
            fact(all, entry, "way", claims.grounds().algorithm().name());
            fact(
                    all,
                    entry,
                    "checkpoint",
                    Integer.toString(claims.grounds().algorithm().checkpoint()));
            fact(all, entry, "checkpointCommitment", commitments.checkpoint());
            String sigma = entry.facts().getOrDefault("sigma", "");
            all.require(
                    sigma.equals(Double.toString(claims.protection().noise().sigma())),
                    "the entry INTENT has sigma " + Quoted.of(sigma) + ", the certificate "
                            + claims.protection().noise().sigma());
        }
    }

    private void released(Inspection all, Entry entry, Entry certified) {
        fact(all, entry, "model", claims.references().hashes().model());
        if (claims.format() > 1) {
            long number = claims.grounds()
                            .algorithm()
                            .schedule()
                            .orElseThrow()
                            .earlier()
                            .size()
                    + 1L;
            fact(all, entry, "release", Long.toString(number));
            // certificates have whole seconds
            all.require(
                    !claims.claim().issued().isBefore(entry.time().truncatedTo(ChronoUnit.SECONDS))
                            && !claims.claim().issued().isAfter(certified.time()),
                    "it was issued at " + claims.claim().issued()
                            + ", which is not between its entries RELEASED and CERTIFIED");
        }
    }

    private static void fact(Inspection all, Entry entry, String name, String value) {
        String found = entry.facts().getOrDefault(name, "");
        all.require(
                found.equals(value),
                "the entry " + entry.type() + " has " + name + " " + Quoted.of(found) + ", the certificate "
                        + Quoted.of(value));
    }

    private Check erasure(String name, LedgerChain ledger) {
        Set<String> unsaid = new TreeSet<>(claims.retention().destroyedKeys());
        Optional<Entry> erased = erased(ledger);
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
        if (inputs.published().keyRing().isEmpty()) {
            return Check.notChecked(name, "no key ring was given");
        }
        try {
            byte[] bytes = SmallFiles.read(inputs.published().keyRing().get(), LARGEST_RING);
            String ring = new String(bytes, StandardCharsets.ISO_8859_1);
            if (!ring.startsWith(RING)) {
                return Check.failed(name, inputs.published().keyRing().get() + " is no key ring");
            }
            Set<String> words = new HashSet<>(List.of(NO_KEY.split(ring)));
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
}
