/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Off a terminal. */
class ProgressTest {

    private final StringWriter err = new StringWriter();
    private long seconds;
    private final Progress progress = new Progress(new PrintWriter(err), false, () -> seconds * 1_000_000_000L);

    private List<String> lines() {
        return err.toString().lines().toList();
    }

    @Test
    void aStageThatFailsIsNotReportedAsDone() {
        for (long steps : new long[] {3, -1}) {
            try (Progress.Stage stage = progress.stage("epoch", steps)) {
                stage.step(1);
            }
        }
        assertEquals(List.of(), lines());
    }

    @Test
    void aStageIsDoneWithItsStepsOrWhenItSaysSo() {
        try (Progress.Stage stage = progress.stage("one", 2)) {
            stage.step(2);
            stage.note("well");
            seconds += 3;
        }
        try (Progress.Stage stage = progress.stage("two", -1)) {
            stage.step(2);
            stage.finish();
        }
        assertEquals(List.of("one: 3.0 s, well", "two: 0.0 s"), lines());
    }

    @Test
    void aLongStageSaysHowFarItIsEverMoreRarely() {
        try (Progress.Stage stage = progress.stage("long", 100)) {
            for (int step = 0; step < 100; step++) {
                seconds++;
                stage.step(1);
                stage.note("loss " + step);
            }
        }
        assertEquals(
                List.of(
                        "long: 10 of 100 after 10.0 s, loss 8",
                        "long: 20 of 100 after 20.0 s, loss 18",
                        "long: 40 of 100 after 40.0 s, loss 38",
                        "long: 80 of 100 after 80.0 s, loss 78",
                        "long: 100.0 s, loss 99"),
                lines());
    }
}
