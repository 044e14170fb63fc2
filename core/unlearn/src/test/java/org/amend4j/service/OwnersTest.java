/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.stream.LongStream;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.MemoryVault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever may ask must have all records of an owner or none where an owner's gradients are clipped together. */
class OwnersTest {

    private static final SubjectKey KEY = SubjectKey.of(new byte[32]);

    @TempDir
    Path temp;

    private static ForgettingModel clippedByOwner() {
        ForgettingModel model = SmallService.model(SmallService.Kind.FULL_BATCH);
        return new ForgettingModel(
                model.run(),
                model.records(),
                model.start(),
                model.guarantee().withBoundsOfOwners(),
                model.policy(),
                model.hashes(),
                model.derived(),
                model.assumptions());
    }

    private static Subjects one(String name, RecordIds records) {
        return new Subjects(KEY, Map.of(name, records));
    }

    private void open(ForgettingModel model, Subjects subjects) throws IOException {
        UnlearningService service = SmallService.open(
                temp.resolve("run"),
                model,
                subjects,
                SmallService::write,
                new MemoryVault(model.run().objective().dimension()),
                Clock.systemUTC());
        service.close();
    }

    @Test
    void aPartOfAnOwnerIsRefusedAndOwnersAloneOrTogetherAreNot() throws IOException {
        ForgettingModel model = clippedByOwner();
        RecordIds owner = SmallService.records("3");
        RecordIds part = owner.without(RecordIds.of(owner.get(0)));
        RecordIds both = RecordIds.of(LongStream.concat(part.stream(), SmallService.records("4").stream())
                .toArray());
        for (RecordIds some : new RecordIds[] {part, both}) {
            String refused = assertThrows(IllegalArgumentException.class, () -> open(model, one("anna", some)))
                    .getMessage();
            String sentence =
                    "subject 'anna' has only " + part.size() + " of the " + owner.size() + " records of owner 3,";
            assertTrue(refused.startsWith(sentence), refused);
            assertEquals(-1, refused.indexOf('\n'));
        }
        assertDoesNotThrow(() -> model.requireWholeOwners(one("bert", SmallService.records("3"))));
        open(model, one("bert", SmallService.records("3", "4")));
    }

    @Test
    void whereEveryRecordHasItsOwnBoundAnybodyMayAskForAny() {
        ForgettingModel model = SmallService.model(SmallService.Kind.FULL_BATCH);
        assertDoesNotThrow(() -> model.requireWholeOwners(one("anna", RecordIds.of(1))));
    }
}
