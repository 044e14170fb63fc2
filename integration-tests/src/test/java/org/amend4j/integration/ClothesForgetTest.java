/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.amend4j.app.forget.ClothesForget;
import org.amend4j.app.forget.PrivateClothes;
import org.amend4j.app.job.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole example on MobileNetV2's features of real pictures. */
class ClothesForgetTest {

    /** Of a share of 1,000 test pictures, at most. */
    private static final double SD = 0.5 / Math.sqrt(1000);

    @TempDir
    private Path folder;

    @Test
    void aUserLeavesAnAdapterCertifiedAndExactlyAndItStaysUseful() throws IOException, InterruptedException {
        Map<String, ?> facts = ClothesForget.run(folder, Progress.to(new PrintWriter(new StringWriter())))
                .facts();
        Map<?, ?> certified = (Map<?, ?>) facts.get("certifiedRewind");
        assertEquals("CERTIFIED", certified.get("verdict"));
        assertEquals("PROVED", certified.get("level"));
        assertTrue(number(certified, "distance") <= number(certified, "bound"));
        double head = number(certified, "accuracyPublicHead");
        double unlearned = number(certified, "accuracyUnlearned");
        double retrained = number(certified, "accuracyRetrained");
        assertTrue(unlearned > head + 2 * SD, () -> "no better than the public head: " + certified);
        assertEquals(retrained, unlearned, 2 * SD);

        Map<?, ?> exact = (Map<?, ?>) facts.get("exactRewind");
        assertEquals("EXACT", exact.get("verdict"));
        assertEquals(exact.get("retrainedSha256"), exact.get("releasedSha256"));
        assertEquals(PrivateClothes.USERS, exact.get("usersBitIdentical"));
        // a uniform step of 100: mean 0.505, sd 0.2887; four sd of the mean of 100 users
        assertEquals(0.505, number(exact, "meanShareOfSteps"), 4 * Math.sqrt(1.0 / 12 / PrivateClothes.USERS));
        assertEquals(0.5, number(exact, "meanShareOfRecordGradients"), 4 * Math.sqrt(1.0 / 12 / PrivateClothes.USERS));
        assertTrue(number(exact, "accuracyUnlearned") > head);
        assertTrue(Files.isRegularFile(folder.resolve("report.json")));
    }

    private static double number(Map<?, ?> facts, String name) {
        return ((Number) java.util.Objects.requireNonNull(facts.get(name), name)).doubleValue();
    }
}
