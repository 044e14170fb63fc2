/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.amend4j.objective.RecordIds;
import org.junit.jupiter.api.Test;

class SubjectsTest {

    @Test
    void theRecordsOfTwoHundredThousandSubjectsAreAllOfTheirs() {
        int people = 200_000;
        RecordIds ids = RecordIds.firstN(2 * people);
        Subjects subjects =
                Subjects.bySubject(ids, ids.stream().map(id -> id % people).toArray());
        assertEquals(ids, subjects.recordsOf(subjects.names()));
        assertEquals(RecordIds.of(3, people + 3), subjects.recordsOf(Collections.nCopies(2, "3")));
    }

    @Test
    void whoIsNotKnownIsNamed() {
        Subjects subjects = new Subjects(Map.of("ada", RecordIds.of(1)));
        String message = assertThrows(IllegalArgumentException.class, () -> subjects.recordsOf(List.of("ada", "bob")))
                .getMessage();
        assertEquals("subjects must be known, got 'bob', who has no record here", message);
    }
}
