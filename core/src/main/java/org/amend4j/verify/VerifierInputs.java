package org.amend4j.verify;

import java.nio.file.Path;
import java.util.Optional;

/** What a certificate can be compared with, besides itself; each thing that is missing leaves checks undone. */
public final class VerifierInputs {

    private final Optional<Path> release;
    private final Optional<Path> ledger;
    private final Optional<Path> keyRing;
    private final Optional<String> trustedKey;
    private final Optional<Ids> retained;
    private final Optional<Ids> deleted;

    private VerifierInputs(
            Optional<Path> release,
            Optional<Path> ledger,
            Optional<Path> keyRing,
            Optional<String> trustedKey,
            Optional<Ids> retained,
            Optional<Ids> deleted) {
        this.release = release;
        this.ledger = ledger;
        this.keyRing = keyRing;
        this.trustedKey = trustedKey;
        this.retained = retained;
        this.deleted = deleted;
    }

    /** Nothing but the certificate. */
    public static VerifierInputs none() {
        return new VerifierInputs(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** With the folder that was released. */
    public VerifierInputs withRelease(Path folder) {
        return new VerifierInputs(Optional.of(folder), ledger, keyRing, trustedKey, retained, deleted);
    }

    /** With the ledger of requests, {@code deletions.jsonl}. */
    public VerifierInputs withLedger(Path file) {
        return new VerifierInputs(release, Optional.of(file), keyRing, trustedKey, retained, deleted);
    }

    /** With the file of the keys that exist. */
    public VerifierInputs withKeyRing(Path file) {
        return new VerifierInputs(release, ledger, Optional.of(file), trustedKey, retained, deleted);
    }

    /**
     * With the key of the issuer, known from elsewhere: without it anybody can have signed.
     *
     * @param base64 an X.509 public key, base64
     */
    public VerifierInputs withTrustedKey(String base64) {
        return new VerifierInputs(release, ledger, keyRing, Optional.of(base64.strip()), retained, deleted);
    }

    /** With the ids of all records that were retained, in any order. */
    public VerifierInputs withRetained(long... ids) {
        return new VerifierInputs(release, ledger, keyRing, trustedKey, Optional.of(new Ids(ids)), deleted);
    }

    /** With the ids of all records ever deleted, in any order. */
    public VerifierInputs withDeleted(long... ids) {
        return new VerifierInputs(release, ledger, keyRing, trustedKey, retained, Optional.of(new Ids(ids)));
    }

    Optional<Path> release() {
        return release;
    }

    Optional<Path> ledger() {
        return ledger;
    }

    Optional<Path> keyRing() {
        return keyRing;
    }

    Optional<String> trustedKey() {
        return trustedKey;
    }

    Optional<Ids> retained() {
        return retained;
    }

    Optional<Ids> deleted() {
        return deleted;
    }
}
