/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What an inconclusive report says about more trajectories. */
class DecidingTest {

    private static final Pattern ABOUT = Pattern.compile("about ([0-9,]+) a batch");

    private static StatedProcesses.Case with(StatedProcesses.Case one, int trajectories) {
        return new StatedProcesses.Case(
                one.name(),
                one.environment(),
                one.map(),
                one.theta(),
                one.gamma(),
                one.steps(),
                trajectories,
                one.epsilon());
    }

    /** With too few trajectories to decide, and then with as many as the report says. */
    @Test
    void soManyTrajectoriesAsAnInconclusiveReportSaysDecideMostly() {
        int said = 0;
        int decided = 0;
        for (StatedProcesses.Case all : StatedProcesses.all()) {
            StatedProcesses.Case few = with(all, 150);
            for (long seed = 0; seed < 4; seed++) {
                SecondOrderReport report = few.report(seed);
                if (report.verdict() != SaddleVerdict.INCONCLUSIVE) {
                    continue;
                }
                Matcher number = ABOUT.matcher(report.statement().reason());
                if (!number.find()) {
                    assertTrue(report.statement().reason().contains("too near to the criterion"));
                    continue;
                }
                int more = Integer.parseInt(number.group(1).replace(",", ""));
                assertTrue(more >= 150, report.statement().reason());
                if (more <= 10_000 && !report.statement().reason().contains("at least about")) {
                    said++;
                    decided += with(all, more).report(seed + 100).verdict() == SaddleVerdict.INCONCLUSIVE ? 0 : 1;
                }
            }
        }
        assertTrue(said >= 10, said + " reports");
        assertTrue(decided >= 0.7 * said, decided + " of " + said);
    }

    @Test
    void whereNoReturnDiffersFromTheOthersItSaysAtLeast() {
        SecondOrderReport report = StatedProcesses.hiddenBranch(2e-4, 60).report(1);
        assertEquals(SaddleVerdict.INCONCLUSIVE, report.verdict());
        String reason = report.statement().reason();
        assertTrue(reason.contains("at least about ") && reason.contains("if all returns are alike"), reason);
    }
}
