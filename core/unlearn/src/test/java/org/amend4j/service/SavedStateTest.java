/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.SmallService.Kind;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RecordedBatches;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.StepSizes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedStateTest {

    private static final String BEFORE =
            "2 steps, Listed[2 sizes in [0.1, 0.3]], recorded batches of 2 records, balls [], noise Optional.empty";

    /** As release 0.1.0 wrote it. */
    private static final String WRITTEN =
            "{\"version\":2,\"objective\":\"92c5\",\"recipe\":\"12 steps\",\"secondsPerGradient\":3.862384722222222E-4,"
                    + "\"trained\":true,\"deletions\":[{\"subjects\":[\"626f\"],\"ids\":[2,3],\"way\":\"certified rewind\","
                    + "\"checkpoint\":12,\"noise\":{\"exponent\":-42,\"units\":1343567650037,\"bound\":5.7489102464410635,"
                    + "\"sensitivity\":0.08188745081036128,\"rounding\":5.102862576933376E-14},\"evidence\":\"ENFORCED\","
                    + "\"checkpointHash\":\"9e01\",\"destroyedKeys\":[\"003f\"],\"stage\":\"DONE\",\"mu\":0.26805112294317335,"
                    + "\"certificate\":\"45a3\",\"salt\":\"bef0\"}]}";

    @TempDir
    private Path folder;

    private static ForgettingModel model(double between, long... second) {
        ForgettingModel model = SmallService.model(Kind.FULL_BATCH);
        List<RecordIds> batches = List.of(RecordIds.of(0, 1), RecordIds.of(second));
        Recipe recipe = new Recipe(
                2,
                new StepSizes.Listed(List.of(0.1 + between, 0.3)),
                new RecordedBatches(batches, SmallService.RECORDS),
                List.of(),
                model.run().recipe().checkpoints(),
                model.run().recipe().noise());
        return new ForgettingModel(
                new RewindToDelete(model.run().objective(), recipe),
                model.records(),
                model.start(),
                model.guarantee(),
                model.policy(),
                model.hashes(),
                model.derived(),
                model.assumptions());
    }

    private SavedState open(ForgettingModel model) throws IOException {
        try (Requests requests = requests()) {
            ServiceRecords records = ServiceRecords.open(folder, model, SmallService.SEAL);
            return SavedState.open(folder, model, records, requests, CommitmentScheme.secure());
        }
    }

    private Requests requests() throws IOException {
        SubjectKey key = SubjectKey.of(SmallService.KEY);
        return new Requests(DeletionLedger.open(folder, key, Clock.systemUTC()), SmallService.subjects());
    }

    @Test
    void aFolderIsOnlyOpenedWithItsOwnBatchesAndStepSizes() throws IOException {
        String recipe = open(model(0, 2, 3)).now().recipe();
        assertTrue(recipe.contains("recorded batches of 2 records/2[steps=2, records=400, digest="), recipe);
        assertEquals(recipe, open(model(0, 2, 3)).now().recipe());
        for (ForgettingModel other : List.of(model(0, 2, 4), model(1e-15, 2, 3))) {
            String refusal = assertThrows(IOException.class, () -> open(other)).getMessage();
            assertTrue(refusal.contains("was trained by another recipe"), refusal);
        }
    }

    @Test
    void aStateThatIsNotSealedIsReadAndWrittenSealed() throws IOException {
        Path file = folder.resolve(ServiceState.FILE);
        Files.writeString(file, WRITTEN);
        assertFalse(ServiceState.isSealed(folder));
        ServiceState state = ServiceState.read(folder, SmallService.SEAL);
        assertEquals(RecordIds.of(2, 3), state.last().records());
        assertEquals("certified rewind", state.last().rewind().method());
        state.write(folder, SmallService.SEAL);
        assertTrue(ServiceState.isSealed(folder));
        assertEquals(state, ServiceState.read(folder, SmallService.SEAL));
        assertFalse(Files.readString(file).contains("626f"));
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(file));
    }

    /** A state that says more than this release knows was written by a newer one. */
    @Test
    void aStateWithSomethingUnknownInItIsRefused() throws IOException {
        Files.writeString(folder.resolve(ServiceState.FILE), WRITTEN.replace("\"mu\":", "\"nu\":1,\"mu\":"));
        String refusal = assertThrows(IOException.class, () -> ServiceState.read(folder, SmallService.SEAL))
                .getMessage();
        assertTrue(refusal.contains("is damaged") && refusal.contains("nu"), refusal);
    }

    @Test
    void aFolderFromBeforeDigestsIsOpened() throws IOException {
        ForgettingModel model = model(0, 2, 3);
        ServiceRecords records = ServiceRecords.open(folder, model, SmallService.SEAL);
        ServiceState.fresh(records.label(), BEFORE).write(folder, SmallService.SEAL);
        assertEquals(BEFORE, open(model).now().recipe());
        String refusal =
                assertThrows(IOException.class, () -> open(model(0.1, 2, 3))).getMessage();
        assertTrue(refusal.contains(BEFORE), refusal);
    }
}
