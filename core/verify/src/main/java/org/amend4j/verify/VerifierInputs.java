/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Files that a certificate can be compared with; without one of them, some checks cannot be made. */
public final class VerifierInputs {

    /**
     * What the operator publishes.
     *
     * @param release the folder that was released
     * @param releases the folder of all releases
     * @param certificates of the model, in any order
     * @param ledger of requests
     * @param keyRing of the keys that exist
     */
    @RecordBuilder
    record Published(
            Optional<Path> release,
            Optional<Path> releases,
            Optional<List<Path>> certificates,
            Optional<Path> ledger,
            Optional<Path> keyRing)
            implements VerifierInputsPublishedBuilder.With {}

    /**
     * What the verifier knows from elsewhere.
     *
     * @param key of the issuer, an X.509 public key in base64
     * @param head of the ledger, a signed note
     * @param witnesses who must have signed the head
     */
    @RecordBuilder
    record Trusted(Optional<String> key, Optional<Path> head, List<String> witnesses)
            implements VerifierInputsTrustedBuilder.With {}

    /**
     * What the verifier may know of records.
     *
     * @param opening of the certificate's commitments
     * @param retained ids of all records that were retained
     * @param deleted ids of all records ever deleted
     */
    @RecordBuilder
    record Disclosed(Optional<Path> opening, Optional<Ids> retained, Optional<Ids> deleted)
            implements VerifierInputsDisclosedBuilder.With {}

    private static final VerifierInputs NONE = new VerifierInputs(
            new Published(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
            new Trusted(Optional.empty(), Optional.empty(), List.of()),
            new Disclosed(Optional.empty(), Optional.empty(), Optional.empty()));

    private final Published published;
    private final Trusted trusted;
    private final Disclosed disclosed;

    private VerifierInputs(Published published, Trusted trusted, Disclosed disclosed) {
        this.published = published;
        this.trusted = trusted;
        this.disclosed = disclosed;
    }

    /** Nothing but the certificate. */
    public static VerifierInputs none() {
        return NONE;
    }

    Published published() {
        return published;
    }

    Trusted trusted() {
        return trusted;
    }

    Disclosed disclosed() {
        return disclosed;
    }

    private VerifierInputs with(Published other) {
        return new VerifierInputs(other, trusted, disclosed);
    }

    private VerifierInputs with(Trusted other) {
        return new VerifierInputs(published, other, disclosed);
    }

    private VerifierInputs with(Disclosed other) {
        return new VerifierInputs(published, trusted, other);
    }

    /** With the folder that was released. */
    public VerifierInputs withRelease(Path folder) {
        return with(published.withRelease(Optional.of(folder)));
    }

    /** With the folder that all releases of the model are in, each in a folder named by its number. */
    public VerifierInputs withReleases(Path folder) {
        return with(published.withReleases(Optional.of(folder)));
    }

    /** With the ledger of requests, {@code deletions.jsonl}. */
    public VerifierInputs withLedger(Path file) {
        return with(published.withLedger(Optional.of(file)));
    }

    /** With the file of the keys that exist. */
    public VerifierInputs withKeyRing(Path file) {
        return with(published.withKeyRing(Optional.of(file)));
    }

    /**
     * With the key of the issuer, known from elsewhere: without it, anyone can have signed.
     *
     * @param base64 an X.509 public key, base64
     */
    public VerifierInputs withTrustedKey(String base64) {
        return with(trusted.withKey(Optional.of(base64.strip())));
    }

    /** With the files of all certificates of the model, this one's among them or not, in any order. */
    public VerifierInputs withCertificates(List<Path> files) {
        return with(published.withCertificates(Optional.of(List.copyOf(files))));
    }

    /** With what the operator opened of the certificate's commitments. */
    public VerifierInputs withOpening(Path file) {
        return with(disclosed.withOpening(Optional.of(file)));
    }

    /** With the ids of all records that were retained, in any order. */
    public VerifierInputs withRetained(long... ids) {
        return with(disclosed.withRetained(Optional.of(new Ids(ids))));
    }

    /** With the ids of all records ever deleted, in any order. */
    public VerifierInputs withDeleted(long... ids) {
        return with(disclosed.withDeleted(Optional.of(new Ids(ids))));
    }

    /**
     * With a head of the ledger that was kept elsewhere: without it, a ledger that lost its end looks sound.
     *
     * @param file a signed note, as {@code head.txt}
     */
    public VerifierInputs withHead(Path file) {
        return with(trusted.withHead(Optional.of(file)));
    }

    /**
     * With a witness who must have signed the head.
     *
     * @param key {@code name+id+base64}
     */
    public VerifierInputs withWitness(String key) {
        List<String> all = new ArrayList<>(trusted.witnesses());
        all.add(key.strip());
        return with(trusted.withWitnesses(List.copyOf(all)));
    }
}
