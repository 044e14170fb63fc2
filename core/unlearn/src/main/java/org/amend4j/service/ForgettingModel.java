/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.record.RecordContents;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.RewindToDelete;

/**
 * A model and everything that a deletion needs to know about it.
 *
 * @param run how and on what it is trained
 * @param records the run's records as they were given, to be committed to; the content of those of finished deletions does
 * not matter
 * @param start θ₀; not to be changed
 * @param guarantee what its certificates rest on
 * @param policy what they must satisfy
 * @param hashes of what belongs to it, by name, such as the base: for certificates
 * @param derived what was derived from the records although the bound treats it as public, one sentence each: certificates are
 *     then ASSUMED at best
 * @param assumptions what certificates assume, one sentence each
 */
@SuppressWarnings("ArrayRecordComponent") // a copy of all parameters per access would be the larger surprise
public record ForgettingModel(
        RewindToDelete run,
        RecordContents records,
        double[] start,
        Guarantee guarantee,
        ReleasePolicy policy,
        Map<String, String> hashes,
        List<String> derived,
        List<String> assumptions) {

    /**
     * Copies the collections.
     *
     * @throws IllegalArgumentException if the run computes in float: what rounding leaves behind is above most bounds
     */
    public ForgettingModel {
        Objects.requireNonNull(run, "run");
        if (run.objective().precision() != Precision.DOUBLE) {
            throw new IllegalArgumentException(
                    "a model with certificates must compute in DOUBLE, got an objective in FLOAT: its rounding is above"
                            + " most bounds");
        }
        RecordIds ids = run.objective().records();
        if (records.size() != ids.size()) {
            throw new IllegalArgumentException(
                    "records must be the " + ids.size() + " of the objective, got " + records.size());
        }
        Objects.requireNonNull(guarantee, "guarantee");
        Objects.requireNonNull(policy, "policy");
        hashes = Map.copyOf(hashes);
        derived = List.copyOf(derived);
        assumptions = List.copyOf(assumptions);
    }

    /**
     * Refuses subjects who have a part of an owner's records where the gradients of an owner are clipped together: without the part
     * the whole sum of the owner is clipped anew and may turn round, twice as far as any bound says.
     *
     * @param subjects who may request deletion
     * @throws IllegalArgumentException naming one of them
     */
    public void requireWholeOwners(Subjects subjects) {
        if (!guarantee.ofOwners()) {
            return;
        }
        Map<Long, Long> owners = new HashMap<>();
        Map<Long, Integer> sizes = new HashMap<>();
        for (int k = 0; k < records.size(); k++) {
            owners.put(records.id(k), records.unit(k));
            sizes.merge(records.unit(k), 1, Integer::sum);
        }
        subjects.all().forEach(subject -> requireWhole(subject, owners, sizes));
    }

    private static void requireWhole(Subjects.Subject subject, Map<Long, Long> owners, Map<Long, Integer> sizes) {
        Map<Long, Integer> theirs = new HashMap<>();
        subject.records().stream()
                .mapToObj(id -> Objects.requireNonNull(owners.get(id), "a subject's record"))
                .forEach(owner -> theirs.merge(owner, 1, Integer::sum));
        theirs.forEach((owner, count) -> {
            if (count < sizes.getOrDefault(owner, 0)) {
                throw new IllegalArgumentException("subject '" + subject.name() + "' has only " + count + " of the "
                        + sizes.get(owner) + " records of owner " + owner
                        + ", and an owner's gradients are clipped together, so that nothing bounds a part of them:"
                        + " clip every record's gradient, or make the subjects the owners of the records");
            }
        });
    }
}
