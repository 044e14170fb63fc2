/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Digests;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.keys.Seal;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.Subjects.Subject;
import org.amend4j.transparency.TreeHead;

/** The requests of a service: its ledger, which knows pseudonyms, and the subjects behind them. */
final class Requests implements Closeable {

    /** Requests in these states still have to be answered. */
    private static final Set<EntryType> PENDING =
            EnumSet.of(EntryType.RECEIVED, EntryType.VALIDATED, EntryType.SCHEDULED);

    /** From here on there is no way back. */
    private static final Set<EntryType> DECIDED = EnumSet.range(EntryType.INTENT, EntryType.ERASED);

    private final DeletionLedger ledger;
    private final Subjects subjects;

    /**
     * The requests of a ledger.
     *
     * @param ledger of the subjects' key; closed with this
     * @param subjects who may ask
     */
    Requests(DeletionLedger ledger, Subjects subjects) {
        this.ledger = ledger;
        this.subjects = subjects;
    }

    /** Seals what is kept about them. */
    Seal seal() {
        return subjects.key().seal();
    }

    /** The subject behind a pseudonym; empty if the data has none. */
    Optional<Subject> behind(String pseudonym) {
        return subjects.behind(pseudonym);
    }

    /** Takes requests of subjects who are known; those made before are not made again. */
    void take(Collection<String> names) throws IOException {
        List<String> received = ledger.receive(names).stream()
                .filter(pseudonym -> ledger.state(pseudonym).orElseThrow() == EntryType.RECEIVED)
                .toList();
        if (!received.isEmpty()) {
            ledger.advance(EntryType.VALIDATED, received, Map.of());
        }
    }

    /** Whether the deletion of a subject is complete. */
    boolean isForgotten(String name) {
        return ledger.state(subjects.pseudonym(name))
                .filter(EntryType.ERASED::equals)
                .isPresent();
    }

    /** Pseudonyms of the subjects with a decided deletion, finished or not. */
    Set<String> decided() {
        return ledger.states().entrySet().stream()
                .filter(request -> DECIDED.contains(request.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Names of the subjects with requests that were taken and not yet answered. */
    List<String> pending() {
        return tickets().stream()
                .map(ticket -> ticket.subject().name())
                .sorted()
                .toList();
    }

    /**
     * A request that was taken and not yet answered.
     *
     * @param number of its entry in the ledger
     */
    record Ticket(long number, Subject subject) {

        /** The records of some requests. */
        static RecordIds records(List<Ticket> some) {
            return RecordIds.union(
                    some.stream().map(ticket -> ticket.subject().records()).toList());
        }
    }

    /** Requests that were taken and not yet answered, in the order in which they came. */
    List<Ticket> tickets() {
        Map<String, EntryType> states = ledger.states();
        Map<String, Ticket> tickets = new LinkedHashMap<>();
        for (LedgerEntry entry : ledger.entries()) {
            if (entry.type() == EntryType.RECEIVED) {
                for (String pseudonym : entry.subjects()) {
                    if (PENDING.contains(states.get(pseudonym))) {
                        // who was refused and asks again stands at the end
                        tickets.remove(pseudonym);
                        tickets.put(pseudonym, new Ticket(entry.sequence(), subject(pseudonym)));
                    }
                }
            }
        }
        return List.copyOf(tickets.values());
    }

    /**
     * The same, and then what would be taken of these: who is not pending yet and was not forgotten.
     *
     * @throws IllegalArgumentException naming one who is not known
     */
    List<Ticket> ticketsWith(Collection<String> names) {
        List<Ticket> tickets = new ArrayList<>(tickets());
        long number = ledger.entries().size();
        for (String name : new LinkedHashSet<>(names)) {
            if (ledger.state(subjects.pseudonym(name)).orElse(EntryType.REFUSED) == EntryType.REFUSED) {
                tickets.add(new Ticket(number++, subjects.named(name)));
            }
        }
        return List.copyOf(tickets);
    }

    private Subject subject(String pseudonym) {
        return subjects.behind(pseudonym)
                .orElseThrow(() ->
                        new IllegalStateException("a pending request names nobody in the data: was the data changed?"));
    }

    /** Brings all pending requests to SCHEDULED. */
    void schedule() throws IOException {
        List<String> validated = advanceAll(in(EntryType.RECEIVED), EntryType.VALIDATED, in(EntryType.VALIDATED));
        advanceAll(validated, EntryType.SCHEDULED, in(EntryType.SCHEDULED));
    }

    private List<String> in(EntryType state) {
        return ledger.states().entrySet().stream()
                .filter(request -> request.getValue() == state)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Brings some requests to a state, and gives all that are there then. */
    private List<String> advanceAll(List<String> some, EntryType next, List<String> already) throws IOException {
        if (some.isEmpty()) {
            return already;
        }
        ledger.advance(next, some, Map.of());
        List<String> all = new ArrayList<>(already);
        all.addAll(some);
        return all;
    }

    /** Refuses requests that are scheduled; those with the same reason in one entry. */
    void refuse(List<Refusal> refusals) throws IOException {
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        for (Refusal refusal : refusals) {
            byReason.computeIfAbsent(refusal.reason(), reason -> new ArrayList<>())
                    .add(subjects.pseudonym(refusal.name()));
        }
        for (Map.Entry<String, List<String>> group : byReason.entrySet()) {
            ledger.advance(EntryType.REFUSED, group.getValue(), Map.of("reason", group.getKey()));
        }
    }

    /** Brings requests to a state, unless they were brought there before. */
    void advance(EntryType next, List<String> pseudonyms, Map<String, String> facts) throws IOException {
        EntryType now = ledger.state(pseudonyms.get(0)).orElseThrow();
        if (now.compareTo(next) < 0) {
            ledger.advance(next, pseudonyms, facts);
        }
    }

    /** Whether the model that forgot some subjects is visible already. */
    boolean isReleased(List<String> pseudonyms) {
        return ledger.state(pseudonyms.get(0)).orElseThrow().compareTo(EntryType.RELEASED) >= 0;
    }

    /**
     * Whether the ledger has a certificate of a deletion.
     *
     * @param file the certificate's
     * @throws IOException if it has one, and the file is missing or another
     */
    boolean isCertified(List<String> pseudonyms, Path file) throws IOException {
        Optional<LedgerEntry> certified = ledger.entries().stream()
                .filter(entry ->
                        entry.type() == EntryType.CERTIFIED && entry.subjects().equals(pseudonyms))
                .findFirst();
        if (certified.isPresent()
                && !(Files.exists(file)
                        && Digests.of(RegularFile.of(file, CertificateFile.MOST_BYTES))
                                .equals(certified.get().facts().get("certificate")))) {
            throw new IOException(file + " is not the certificate that was made: put it back");
        }
        return certified.isPresent();
    }

    /** All entries of the ledger. */
    List<LedgerEntry> entries() {
        return ledger.entries();
    }

    /** The head of the ledger. */
    TreeHead head() {
        return ledger.head();
    }

    @Override
    public void close() throws IOException {
        ledger.close();
    }
}
