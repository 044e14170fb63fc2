/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Files that a certificate can be compared with; without one of them, some checks cannot be made. */
public final class VerifierInputs {

    private Optional<Path> release = Optional.empty();
    private Optional<Path> releases = Optional.empty();
    private Optional<Path> ledger = Optional.empty();
    private Optional<Path> keyRing = Optional.empty();
    private Optional<String> trustedKey = Optional.empty();
    private Optional<List<Path>> certificates = Optional.empty();
    private Optional<Path> opening = Optional.empty();
    private Optional<Ids> retained = Optional.empty();
    private Optional<Ids> deleted = Optional.empty();
    private Optional<Path> head = Optional.empty();
    private List<String> witnesses = List.of();

    private VerifierInputs() {}

    /** Nothing but the certificate. */
    public static VerifierInputs none() {
        return new VerifierInputs();
    }

    private VerifierInputs copy() {
        VerifierInputs copy = new VerifierInputs();
        copy.release = release;
        copy.releases = releases;
        copy.ledger = ledger;
        copy.keyRing = keyRing;
        copy.trustedKey = trustedKey;
        copy.certificates = certificates;
        copy.opening = opening;
        copy.retained = retained;
        copy.deleted = deleted;
        copy.head = head;
        copy.witnesses = witnesses;
        return copy;
    }

    /** With the folder that was released. */
    public VerifierInputs withRelease(Path folder) {
        VerifierInputs copy = copy();
        copy.release = Optional.of(folder);
        return copy;
    }

    /** With the folder that all releases of the model are in, each in a folder named by its number. */
    public VerifierInputs withReleases(Path folder) {
        VerifierInputs copy = copy();
        copy.releases = Optional.of(folder);
        return copy;
    }

    /** With the ledger of requests, {@code deletions.jsonl}. */
    public VerifierInputs withLedger(Path file) {
        VerifierInputs copy = copy();
        copy.ledger = Optional.of(file);
        return copy;
    }

    /** With the file of the keys that exist. */
    public VerifierInputs withKeyRing(Path file) {
        VerifierInputs copy = copy();
        copy.keyRing = Optional.of(file);
        return copy;
    }

    /**
     * With the key of the issuer, known from elsewhere: without it anybody can have signed.
     *
     * @param base64 an X.509 public key, base64
     */
    public VerifierInputs withTrustedKey(String base64) {
        VerifierInputs copy = copy();
        copy.trustedKey = Optional.of(base64.strip());
        return copy;
    }

    /** With the files of all certificates of the model, this one's among them or not, in any order. */
    public VerifierInputs withCertificates(List<Path> files) {
        VerifierInputs copy = copy();
        copy.certificates = Optional.of(List.copyOf(files));
        return copy;
    }

    /** With what the operator opened of the certificate's commitments. */
    public VerifierInputs withOpening(Path file) {
        VerifierInputs copy = copy();
        copy.opening = Optional.of(file);
        return copy;
    }

    /** With the ids of all records that were retained, in any order. */
    public VerifierInputs withRetained(long... ids) {
        VerifierInputs copy = copy();
        copy.retained = Optional.of(new Ids(ids));
        return copy;
    }

    /** With the ids of all records ever deleted, in any order. */
    public VerifierInputs withDeleted(long... ids) {
        VerifierInputs copy = copy();
        copy.deleted = Optional.of(new Ids(ids));
        return copy;
    }

    /**
     * With a head of the ledger that was kept elsewhere: without it, a ledger whose end is missing looks sound.
     *
     * @param file a signed note, as {@code head.txt}
     */
    public VerifierInputs withHead(Path file) {
        VerifierInputs copy = copy();
        copy.head = Optional.of(file);
        return copy;
    }

    /**
     * With a witness who must have signed the head.
     *
     * @param key {@code name+id+base64}
     */
    public VerifierInputs withWitness(String key) {
        VerifierInputs copy = copy();
        List<String> all = new ArrayList<>(witnesses);
        all.add(key.strip());
        copy.witnesses = List.copyOf(all);
        return copy;
    }

    Optional<Path> release() {
        return release;
    }

    Optional<Path> releases() {
        return releases;
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

    Optional<List<Path>> certificates() {
        return certificates;
    }

    Optional<Path> opening() {
        return opening;
    }

    Optional<Ids> retained() {
        return retained;
    }

    Optional<Ids> deleted() {
        return deleted;
    }

    Optional<Path> head() {
        return head;
    }

    List<String> witnesses() {
        return witnesses;
    }
}
