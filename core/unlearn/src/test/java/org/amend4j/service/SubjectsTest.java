/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.objective.RecordIds;
import org.junit.jupiter.api.Test;

class SubjectsTest {

    private static final SubjectKey KEY = SubjectKey.of(SmallService.KEY);

    @Test
    void theRecordsOfTwoHundredThousandSubjectsAreAllOfTheirs() {
        int people = 200_000;
        RecordIds ids = RecordIds.firstN(2 * people);
        Subjects subjects =
                Subjects.numbered(KEY, ids, ids.stream().map(id -> id % people).toArray());
        assertEquals(
                ids,
                RecordIds.union(subjects.names().stream()
                        .map(name -> subjects.named(name).records())
                        .toList()));
        assertEquals(RecordIds.of(3, people + 3), subjects.named("3").records());
    }

    @Test
    void aSubjectIsFoundByNameAndByPseudonym() {
        Subjects subjects = Subjects.named(KEY, RecordIds.of(2, 3, 5), List.of("ada", "", "ada"));
        Subjects.Subject ada = subjects.named("ada");
        assertEquals(new Subjects.Subject("ada", KEY.pseudonym("ada"), RecordIds.of(2, 5)), ada);
        assertEquals(Optional.of(ada), subjects.behind(ada.pseudonym()));
        assertEquals(Optional.empty(), subjects.behind(KEY.pseudonym("bob")));
        assertEquals(List.of("ada"), List.copyOf(subjects.names()));
    }

    @Test
    void whoIsNotKnownIsNamed() {
        Subjects subjects = new Subjects(KEY, Map.of("ada", RecordIds.of(1)));
        String message = assertThrows(IllegalArgumentException.class, () -> subjects.named("bob"))
                .getMessage();
        assertEquals("subjects must be known, got 'bob', who has no record here", message);
    }
}
