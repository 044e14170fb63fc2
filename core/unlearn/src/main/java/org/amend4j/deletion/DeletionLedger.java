/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.WriterLock;
import org.amend4j.transparency.TreeHash;
import org.amend4j.transparency.TreeHead;

/**
 * Deletion requests and their outcomes, in an append-only file: one line of canonical JSON per entry, a log with a Merkle tree
 * (RFC 9162) over its entries, on disk before a method returns. Subjects appear under pseudonyms
 * ({@link SubjectKey}). Ledgers that began in format 1, a chain of hashes, continue in it.
 *
 * <p>Opening verifies everything. A last line that cannot be read was being written when the power failed and was never
 * acknowledged: it is cut off and a {@link EntryType#CUT} entry records this. All other damage is refused, naming the line, and
 * nothing is changed. A file alone cannot show that whole lines are missing at its end, or that all were rewritten: keep
 * {@link #head} elsewhere, and check it with {@link #requireContains}.
 *
 * <p>After a failed write nothing more is accepted: the file must be reopened to see what is in it. Thread-safe; one
 * writer at a time, across processes.
 */
public final class DeletionLedger implements Closeable {

    /** The file in the ledger's directory. */
    public static final String FILE = "deletions.jsonl";

    /** The newest version of the format. */
    public static final int VERSION = 2;

    private static final String LOCK = "deletions.lock";

    private final SubjectKey key;
    private final Clock clock;
    private final WriterLock lock;
    private final LedgerFile file;
    private final LedgerHistory history;
    private final RequestStates states;
    private boolean settled;
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private boolean closed;

    private DeletionLedger(SubjectKey key, Clock clock, WriterLock lock, LedgerFile file, RequestStates states) {
        this.key = key;
        this.clock = clock;
        this.lock = lock;
        this.file = file;
        this.history = file.content().history();
        this.states = states;
    }

    /**
     * Opens the ledger of a directory, or begins one.
     *
     * @param directory made if it is missing; its parent must exist
     * @throws DamagedLedgerException if the file is damaged other than by a torn last line
     * @throws IOException if another writer has it, it belongs to another key, or the disk fails
     */
    public static DeletionLedger open(Path directory, SubjectKey key, Clock clock) throws IOException {
        DeletionLedger ledger = openUnsettled(directory, key, clock);
        try {
            ledger.settle();
            return ledger;
        } catch (IOException | RuntimeException e) {
            ledger.close();
            throw e;
        }
    }

    /**
     * As {@link #open}, to be held against something else before anything is changed: a torn last line is left out, and stays in
     * the file until the ledger is {@linkplain #settle settled}.
     */
    public static DeletionLedger openUnsettled(Path directory, SubjectKey key, Clock clock) throws IOException {
        boolean fresh = !Files.isDirectory(directory);
        if (fresh) {
            Files.createDirectory(directory);
        }
        WriterLock lock = WriterLock.of(directory, LOCK, "the ledger");
        try {
            if (fresh) {
                AtomicFile.forceDirectory(directory.resolve(".."));
            }
            return open(directory.resolve(FILE), key, clock, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static DeletionLedger open(Path path, SubjectKey key, Clock clock, WriterLock lock) throws IOException {
        if (!Files.exists(path)) {
            Map<String, String> facts = Map.of("key", key.fingerprint(), "version", Integer.toString(VERSION));
            LedgerHistory fresh = new LedgerHistory(LedgerFormats.NEWEST);
            LedgerFile.create(path, fresh.format(), fresh.draft(clock.instant(), EntryType.OPENED, List.of(), facts));
        }
        LedgerFile file = LedgerFile.open(path);
        try {
            // everything is checked before anything is changed
            RequestStates states = verify(path, file.content().history());
            if (!key.fingerprint()
                    .equals(file.content().history().entries().get(0).facts().get("key"))) {
                throw new IOException(path + " belongs to another key");
            }
            return new DeletionLedger(key, clock, lock, file, states);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Cuts off a torn last line, and brings all the rest to the disk; before that nothing is taken. Once is enough. */
    public synchronized void settle() throws IOException {
        if (settled) {
            return;
        }
        file.settle();
        settled = true;
        Optional<LedgerFile.Torn> torn = file.content().torn();
        if (torn.isPresent()) {
            Map<String, String> facts = Map.of(
                    "bytes",
                    Integer.toString(torn.get().bytes()),
                    "sha256",
                    torn.get().sha256());
            add(EntryType.CUT, List.of(), facts);
        }
    }

    /**
     * Reads and verifies a ledger without a key and without changing it; a torn last line is left out.
     *
     * @param place its directory, or its file
     * @throws DamagedLedgerException naming the line
     */
    public static LedgerReading read(Path place) throws IOException {
        Path path = Files.isDirectory(place) ? place.resolve(FILE) : place;
        LedgerHistory history = LedgerFile.read(path).history();
        verify(path, history);
        return new LedgerReading(history);
    }

    /** The states at the end of a history, if its version and its transitions are in order. */
    private static RequestStates verify(Path path, LedgerHistory history) throws IOException {
        requireOpening(path, history);
        RequestStates states = new RequestStates();
        for (LedgerEntry entry : history.entries()) {
            try {
                if (entry.type().isState()) {
                    states.require(entry.type(), entry.subjects());
                }
            } catch (IllegalStateException e) {
                throw new DamagedLedgerException(
                        path + " is damaged: line " + (entry.sequence() + 1) + ": " + e.getMessage());
            }
            boolean first = entry.sequence() == 0;
            if (first != (entry.type() == EntryType.OPENED)
                    || entry.type().isState() == entry.subjects().isEmpty()) {
                throw new DamagedLedgerException(
                        path + " is damaged: line " + (entry.sequence() + 1) + " must not be of type " + entry.type());
            }
            states.apply(entry);
        }
        return states;
    }

    private static void requireOpening(Path path, LedgerHistory history) throws IOException {
        Map<String, String> facts = history.entries().get(0).facts();
        String version = facts.getOrDefault("version", "none");
        int format = history.format().version();
        if (!version.equals(Integer.toString(format))) {
            throw new IOException(path + " says that it has version " + version + ", is written in format " + format
                    + ", and this class supports at most version " + VERSION);
        }
        if (!facts.getOrDefault("key", "").matches("[0-9a-f]{64}")) {
            throw new DamagedLedgerException(path + " is damaged: line 1 does not say which key it belongs to");
        }
    }

    /**
     * A person asks to be forgotten. When this returns, the request is on the disk and may be acknowledged. Asking again
     * changes nothing, unless the earlier request was refused.
     *
     * @param subject the person's id; not written anywhere
     * @return the person's pseudonym
     * @throws IOException if the request could not be brought to the disk; it must not be acknowledged then
     */
    public String receive(String subject) throws IOException {
        return receive(List.of(subject)).get(0);
    }

    /**
     * As {@link #receive(String)}, of many at once: an entry each, but they are brought to the disk together, which takes the
     * time of one. None may be acknowledged before this returns; if it does not, some of them may be in the file.
     *
     * @return their pseudonyms, in their order
     */
    public List<String> receive(Collection<String> subjects) throws IOException {
        Waiting mine = new Waiting(subjects.stream().map(key::pseudonym).toList());
        waiting.add(mine);
        synchronized (this) {
            // whoever gets here first writes for all who wait; the others find it done
            if (!mine.done) {
                receiveWaiting();
            }
            if (mine.failure.isPresent()) {
                Exception failure = mine.failure.get();
                throw new IOException(failure.getMessage(), failure);
            }
        }
        return mine.pseudonyms;
    }

    /** What a thread asks; what becomes of it is touched under the ledger's lock alone. */
    private static final class Waiting {
        private final List<String> pseudonyms;
        private Optional<Exception> failure = Optional.empty();
        private boolean done;

        Waiting(List<String> pseudonyms) {
            this.pseudonyms = pseudonyms;
        }
    }

    private void receiveWaiting() {
        List<Waiting> group = new ArrayList<>();
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            group.add(next);
        }
        Set<String> pseudonyms = new LinkedHashSet<>();
        group.forEach(one -> pseudonyms.addAll(one.pseudonyms));
        Optional<Exception> failure = Optional.empty();
        try {
            requireUsable();
            add(received(pseudonyms));
        } catch (IOException | RuntimeException e) {
            // whatever it is, no caller of the group may take the request for written
            failure = Optional.of(e);
        }
        for (Waiting one : group) {
            one.failure = failure;
            one.done = true;
        }
    }

    /** The entries of those who did not ask before, or were refused. */
    private List<LedgerEntry> received(Set<String> pseudonyms) {
        List<LedgerEntry> received = new ArrayList<>();
        for (String pseudonym : pseudonyms) {
            Optional<LedgerEntry> last = states.of(pseudonym);
            if (last.isEmpty() || last.get().type() == EntryType.REFUSED) {
                received.add(history.draft(clock.instant(), EntryType.RECEIVED, List.of(pseudonym), Map.of()));
            }
        }
        return received;
    }

    /**
     * Brings requests to their next state, all in one entry or none. Exactly what the last entry of all of them says is not
     * written again.
     *
     * @param next not RECEIVED
     * @param subjects pseudonyms, at least one
     * @param facts what belongs to it: K, σ, hashes; kept as text
     * @return the entry
     * @throws IllegalStateException if one of them must not go there, saying why; nothing is changed
     * @throws IOException if the entry could not be brought to the disk
     */
    public synchronized LedgerEntry advance(EntryType next, Collection<String> subjects, Map<String, String> facts)
            throws IOException {
        requireUsable();
        if (!next.isState() || next == EntryType.RECEIVED) {
            throw new IllegalArgumentException("requests cannot be brought to " + next);
        }
        if (subjects.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one request, got none");
        }
        List<String> sorted = List.copyOf(new TreeSet<>(subjects));
        Optional<LedgerEntry> last = states.of(sorted.get(0));
        if (last.isPresent() && isRepetition(last.get(), next, sorted, facts)) {
            return last.get();
        }
        states.require(next, sorted);
        return add(next, sorted, facts);
    }

    private boolean isRepetition(LedgerEntry entry, EntryType next, List<String> sorted, Map<String, String> facts) {
        return entry.type() == next
                && entry.subjects().equals(sorted)
                && entry.facts().equals(new TreeMap<>(facts))
                && sorted.stream()
                        .allMatch(subject ->
                                states.of(subject).filter(entry::equals).isPresent());
    }

    private LedgerEntry add(EntryType type, List<String> subjects, Map<String, String> facts) throws IOException {
        LedgerEntry entry = history.draft(clock.instant(), type, subjects, facts);
        add(List.of(entry));
        return entry;
    }

    private void add(List<LedgerEntry> drafted) throws IOException {
        if (drafted.isEmpty()) {
            return;
        }
        file.add(drafted);
        history.keep(drafted);
        drafted.forEach(states::apply);
    }

    private void requireUsable() throws IOException {
        if (!settled) {
            throw new IllegalStateException("the ledger must be settled before it takes anything");
        }
        if (closed || !history.isKept()) {
            throw new IOException("the ledger failed to write and must be opened again");
        }
    }

    /** The state of a person's request; empty if there is none. */
    public synchronized Optional<EntryType> state(String pseudonym) {
        return states.of(pseudonym).map(LedgerEntry::type);
    }

    /** The states of all requests, by pseudonym. */
    public synchronized Map<String, EntryType> states() {
        return states.all();
    }

    /** All entries. */
    public synchronized List<LedgerEntry> entries() {
        return List.copyOf(history.entries());
    }

    /** Its size and the root of its tree: whoever keeps them can tell later that nothing up to here is missing or changed. */
    public synchronized TreeHead head() {
        return history.head();
    }

    /** What its heads are signed under: tells ledgers apart. */
    public synchronized String origin() {
        return history.origin();
    }

    /**
     * Proves to a holder of an earlier head, without the ledger, that the present one extends it (RFC 9162, section 2.1.4).
     *
     * @param size of the head that was kept, at least 1
     */
    public synchronized List<TreeHash> consistencyProof(int size) {
        return history.consistencyProof(size);
    }

    /**
     * Checks that a head that was kept elsewhere is one of this ledger's.
     *
     * @throws DamagedLedgerException if it is not: entries are missing at the end, or others were put in their place
     */
    public synchronized void requireContains(TreeHead kept) throws DamagedLedgerException {
        history.requireContains(kept);
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        try (lock) {
            file.close();
        }
    }
}
