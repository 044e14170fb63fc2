/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.amend4j.objective.RecordIds;

/** The subjects who may request deletion, and their records. */
public final class Subjects {

    private final TreeMap<String, RecordIds> records;

    /**
     * Subjects by name.
     *
     * @param records the ids of each one's records, at least one each; copied
     */
    public Subjects(Map<String, RecordIds> records) {
        this.records = new TreeMap<>(records);
        this.records.forEach((name, ids) -> {
            if (ids.isEmpty()) {
                throw new IllegalArgumentException("a subject must have records, '" + name + "' has none");
            }
        });
    }

    /** Subjects named by subject numbers. */
    public static Subjects bySubject(RecordIds ids, long[] subjects) {
        Map<Long, List<Long>> grouped = new TreeMap<>();
        for (int k = 0; k < subjects.length; k++) {
            grouped.computeIfAbsent(subjects[k], subject -> new ArrayList<>()).add(ids.get(k));
        }
        Map<String, RecordIds> named = new TreeMap<>();
        grouped.forEach((subject, list) -> named.put(
                Long.toString(subject),
                RecordIds.of(list.stream().mapToLong(Long::longValue).toArray())));
        return new Subjects(named);
    }

    /** Everybody's name. */
    public Collection<String> names() {
        return List.copyOf(records.keySet());
    }

    /**
     * The records of some subjects.
     *
     * @throws IllegalArgumentException naming one who is not known
     */
    public RecordIds recordsOf(Collection<String> names) {
        return RecordIds.of(new TreeSet<>(names)
                .stream().map(this::recordsOf).flatMapToLong(RecordIds::stream).toArray());
    }

    private RecordIds recordsOf(String name) {
        RecordIds ids = records.get(name);
        if (ids == null) {
            throw new IllegalArgumentException("subjects must be known, got '" + name + "', who has no record here");
        }
        return ids;
    }
}
