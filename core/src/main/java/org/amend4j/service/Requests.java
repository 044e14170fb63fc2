package org.amend4j.service;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.deletion.SubjectKey;

/** The requests of a service: its ledger, which knows pseudonyms, and the names behind them. */
final class Requests implements Closeable {

    /** Requests in these states still have to be answered. */
    private static final Set<EntryType> PENDING =
            EnumSet.of(EntryType.RECEIVED, EntryType.VALIDATED, EntryType.SCHEDULED);

    private final DeletionLedger ledger;
    private final Map<String, String> namesByPseudonym = new TreeMap<>();

    /**
     * The requests of a ledger.
     *
     * @param ledger closed with this
     * @param key of its pseudonyms
     * @param names of everybody who may ask
     */
    Requests(DeletionLedger ledger, SubjectKey key, Collection<String> names) {
        this.ledger = ledger;
        names.forEach(name -> namesByPseudonym.put(key.pseudonym(name), name));
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

    /** Names of those whose requests were taken and not yet answered. */
    List<String> pending() {
        return ledger.states().entrySet().stream()
                .filter(request -> PENDING.contains(request.getValue()))
                .map(request -> nameOf(request.getKey()))
                .sorted()
                .toList();
    }

    private String nameOf(String pseudonym) {
        String name = namesByPseudonym.get(pseudonym);
        if (name == null) {
            throw new IllegalStateException("a pending request is of nobody in the data: was the data changed?");
        }
        return name;
    }

    /**
     * Brings all pending requests to SCHEDULED.
     *
     * @return their pseudonyms
     */
    List<String> schedule() throws IOException {
        List<String> validated = advanceAll(in(EntryType.RECEIVED), EntryType.VALIDATED, in(EntryType.VALIDATED));
        return advanceAll(validated, EntryType.SCHEDULED, in(EntryType.SCHEDULED));
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

    /** Refuses requests that are scheduled. */
    void refuse(List<String> pseudonyms) throws IOException {
        ledger.advance(EntryType.REFUSED, pseudonyms, Map.of("reason", "no way was admitted"));
    }

    /** Brings requests to a state, unless they were brought there before. */
    void advance(EntryType next, List<String> pseudonyms, Map<String, String> facts) throws IOException {
        EntryType now = ledger.state(pseudonyms.get(0)).orElseThrow();
        if (now.compareTo(next) < 0) {
            ledger.advance(next, pseudonyms, facts);
        }
    }

    /** All entries of the ledger. */
    List<LedgerEntry> entries() {
        return ledger.entries();
    }

    @Override
    public void close() throws IOException {
        ledger.close();
    }
}
