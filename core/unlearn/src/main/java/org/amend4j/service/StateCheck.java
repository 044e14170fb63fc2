/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.ServiceState.Deletion;
import org.amend4j.service.ServiceState.Stage;
import org.amend4j.service.Subjects.Subject;
import org.amend4j.unlearn.CheckpointVault;

/**
 * Holds a state against what is known otherwise: the ledger has committed to each deletion, the data says which records are a
 * subject's, and tombstones are the records of deletions that are done.
 */
final class StateCheck {

    private final Path file;
    private final Requests requests;
    private final ServiceRecords records;
    private final CommitmentScheme hiding;

    StateCheck(Path file, Requests requests, ServiceRecords records, CommitmentScheme hiding) {
        this.file = file;
        this.requests = requests;
        this.records = records;
        this.hiding = hiding;
    }

    /** @throws IOException if the state says something else */
    void require(ServiceState state) throws IOException {
        int number = 0;
        Map<List<String>, LedgerEntry> intents = intents();
        for (Deletion deletion : state.deletions()) {
            number++;
            requireSubjects(deletion, number);
            requireIntent(deletion, number, Optional.ofNullable(intents.get(deletion.subjects())));
            boolean last = number == state.deletions().size();
            if (!last && deletion.stage() != Stage.DONE) {
                throw contradicted(number, "it is not done, and later ones are");
            }
        }
        requireTombstones(state);
    }

    /** As far as the subjects are still in the data: rows of those who are forgotten need not be. */
    private void requireSubjects(Deletion deletion, int number) throws IOException {
        List<RecordIds> known = new ArrayList<>();
        for (String pseudonym : deletion.subjects()) {
            Optional<Subject> subject = requests.behind(pseudonym);
            if (subject.isEmpty()) {
                return;
            }
            known.add(subject.get().records());
        }
        if (!RecordIds.union(known).equals(deletion.records())) {
            throw contradicted(number, "its records are not those of its subjects");
        }
    }

    /** The last for each group of subjects. */
    private Map<List<String>, LedgerEntry> intents() {
        Map<List<String>, LedgerEntry> intents = new HashMap<>();
        for (LedgerEntry entry : requests.entries()) {
            if (entry.type() == EntryType.INTENT) {
                intents.put(entry.subjects(), entry);
            }
        }
        return intents;
    }

    /** Salts, and with them commitments to the records, came with version 2 of the state. */
    private void requireIntent(Deletion deletion, int number, Optional<LedgerEntry> entry) throws IOException {
        if (entry.isEmpty()) {
            // before anything is changed it is entered
            if (deletion.stage() != Stage.DECIDED) {
                throw new IOException(file + " is newer than the ledger, which does not know deletion " + number
                        + ": put back the newest ledger");
            }
            return;
        }
        if (deletion.salt().isEmpty()) {
            return;
        }
        for (Map.Entry<String, String> fact : deletion.intent(hiding).entrySet()) {
            if (!fact.getValue().equals(entry.get().facts().getOrDefault(fact.getKey(), fact.getValue()))) {
                throw contradicted(number, "the ledger has another " + fact.getKey());
            }
        }
    }

    /** The last deletion's may be there or not: it may have been stopped right behind them. */
    private void requireTombstones(ServiceState state) throws IOException {
        RecordIds buried = records.tombstones();
        int done = state.deletions().size() - (state.hasUnfinished() ? 1 : 0);
        if (!buried.equals(state.deleted(done)) && !buried.equals(state.deleted())) {
            throw new IOException(file + " contradicts " + ServiceRecords.FILE
                    + ": the deletions that are done are not those of the records that are forgotten");
        }
    }

    /**
     * Refuses checkpoints that a deletion destroyed and that were put back: they have seen the forgotten records, and the bounds of the
     * next deletion are for the checkpoints that were made in their place.
     *
     * @throws IOException if there is one
     */
    static void requireDestroyed(Path folder, ServiceState state, CheckpointVault vault) throws IOException {
        Map<String, Integer> destroyed = new HashMap<>();
        int number = 0;
        for (Deletion deletion : state.deletions()) {
            number++;
            if (deletion.stage() != Stage.DECIDED) {
                for (String key : deletion.rewind().destroyedKeys()) {
                    destroyed.put(key, number);
                }
            }
        }
        for (int step : destroyed.isEmpty() ? new TreeSet<Integer>() : vault.steps()) {
            Integer by = destroyed.get(vault.keyId(step));
            if (by != null) {
                throw new IOException("the vault in " + folder + " has the checkpoint of step " + step
                        + " again that deletion " + by + " destroyed: put back the newest vault");
            }
        }
    }

    private IOException contradicted(int number, String why) {
        return new IOException(file + " is damaged: of deletion " + number + ", " + why);
    }
}
