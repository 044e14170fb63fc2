/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.internal.text.Shown;
import org.amend4j.objective.RecordIds;

/** The subjects who may request deletion. */
public final class Subjects {

    private final SubjectKey key;
    private final SortedMap<String, Subject> byName = new TreeMap<>();
    private final Map<String, Subject> byPseudonym = new HashMap<>();

    /**
     * A subject.
     *
     * @param name as requests give it; not stored in any file of a service
     * @param pseudonym in the ledger
     * @param records at least one
     */
    record Subject(String name, String pseudonym, RecordIds records) {}

    /**
     * Subjects by name.
     *
     * @param key of their pseudonyms
     * @param records each one's, at least one; copied
     */
    public Subjects(SubjectKey key, Map<String, RecordIds> records) {
        this.key = key;
        records.forEach((name, ids) -> {
            if (ids.isEmpty()) {
                throw new IllegalArgumentException("a subject must have records, '" + name + "' has none");
            }
            Subject subject = new Subject(name, key.pseudonym(name), ids);
            byName.put(name, subject);
            byPseudonym.put(subject.pseudonym(), subject);
        });
    }

    /**
     * Subjects by the name that each record has.
     *
     * @param names one per record, in the order of the ids; empty for a record without a subject who may ask
     */
    public static Subjects named(SubjectKey key, RecordIds ids, List<String> names) {
        Map<String, LongStream.Builder> grouped = new TreeMap<>();
        for (int k = 0; k < names.size(); k++) {
            if (!names.get(k).isEmpty()) {
                grouped.computeIfAbsent(names.get(k), name -> LongStream.builder())
                        .add(ids.get(k));
            }
        }
        Map<String, RecordIds> records = new TreeMap<>();
        grouped.forEach(
                (name, theirs) -> records.put(name, RecordIds.of(theirs.build().toArray())));
        return new Subjects(key, records);
    }

    /** Subjects by the number that each record has, in the order of the ids. */
    public static Subjects numbered(SubjectKey key, RecordIds ids, long[] subjects) {
        return named(key, ids, Arrays.stream(subjects).mapToObj(Long::toString).toList());
    }

    /** Everybody. */
    Collection<Subject> all() {
        return byName.values();
    }

    /** Everybody's name. */
    public Collection<String> names() {
        return List.copyOf(byName.keySet());
    }

    /**
     * A subject.
     *
     * @throws IllegalArgumentException naming who is not known
     */
    Subject named(String name) {
        Subject subject = byName.get(name);
        if (subject == null) {
            throw new IllegalArgumentException(
                    "subjects must be known, got " + Shown.quoted(name) + ", who has no record here");
        }
        return subject;
    }

    /** The subject behind a pseudonym; empty if there is none who may ask. */
    Optional<Subject> behind(String pseudonym) {
        return Optional.ofNullable(byPseudonym.get(pseudonym));
    }

    /** What a name becomes in the ledger, known or not. */
    String pseudonym(String name) {
        return key.pseudonym(name);
    }

    /** The key of the pseudonyms. */
    SubjectKey key() {
        return key;
    }
}
