/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.app.job.Report;
import org.amend4j.testkit.Browser;
import org.amend4j.testkit.Exhaustive;

/** Pages of reports; where all is tried, and there is a browser, in that. */
public final class OpenPages {

    private OpenPages() {}

    /**
     * The page beside a file opens.
     *
     * @param json the file that the page is beside
     * @param name of the pictures
     */
    public static void opens(Path json, String name) throws IOException {
        Path page = ReportPage.file(json);
        assertTrue(Files.size(json) > 0 && Files.size(page) > 0, "no page beside " + json);
        assertFalse(
                Files.readString(page).contains("\\u{"), name + " has words of ours with characters that are not seen");
        if (Exhaustive.on() && Browser.isThere()) {
            Browser.opens(page.toUri(), name);
        }
    }

    /** The page of a job's report that was kept, as a command writes it, opens. */
    public static void opens(Report report, String command) throws IOException {
        ReportPage.write(report, List.of(command.split(" ", -1)), "0.1.0");
        opens(report.kept().orElseThrow(), command.replace(' ', '-'));
    }
}
