/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.page.OpenPages;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole example on MobileNetV2's features of real pictures. */
class ClothesOnPicturesTest {

    /** Of a share of 1,000 test pictures, at most. */
    private static final double SD = 0.5 / Math.sqrt(1000);

    @TempDir
    private Path folder;

    @Tag("exhaustive")
    @Test
    void aUserLeavesAnAdapterCertifiedAndExactlyAndItStaysUseful() throws IOException, InterruptedException {
        Report report = ClothesForget.run(folder, Progress.to(new PrintWriter(new StringWriter())));
        OpenPages.opens(report, "unlearn clothes");
        JsonNode facts = report.tree();
        JsonNode certified = facts.path("certifiedRewind");
        assertEquals("CERTIFIED", certified.path("verdict").asText());
        assertEquals("PROVED", certified.path("level").asText());
        assertTrue(number(certified, "distance") <= number(certified, "bound"));
        double head = number(certified, "accuracyPublicHead");
        double unlearned = number(certified, "accuracyUnlearned");
        double retrained = number(certified, "accuracyRetrained");
        assertTrue(unlearned > head + 2 * SD, () -> "no better than the public head: " + certified);
        assertEquals(retrained, unlearned, 2 * SD);

        JsonNode exact = facts.path("exactRewind");
        assertEquals("EXACT", exact.path("verdict").asText());
        assertEquals(exact.get("retrainedSha256"), exact.get("releasedSha256"));
        assertEquals(PrivateClothes.USERS, exact.path("usersBitIdentical").asInt());
        // a uniform step of 100: mean 0.505, sd 0.2887; four sd of the mean of 100 users
        assertEquals(0.505, number(exact, "meanShareOfSteps"), 4 * Math.sqrt(1.0 / 12 / PrivateClothes.USERS));
        assertEquals(0.5, number(exact, "meanShareOfRecordGradients"), 4 * Math.sqrt(1.0 / 12 / PrivateClothes.USERS));
        assertTrue(number(exact, "accuracyUnlearned") > head);
        assertTrue(Files.isRegularFile(folder.resolve("report.json")));
    }

    private static double number(JsonNode facts, String name) {
        assertTrue(facts.path(name).isNumber(), name);
        return facts.path(name).doubleValue();
    }
}
