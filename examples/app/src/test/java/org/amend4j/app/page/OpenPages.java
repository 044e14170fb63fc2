/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.app.job.Report;
import org.amend4j.testkit.Browser;
import org.amend4j.testkit.Exhaustive;

/** Pages of reports; where all is tried, and there is a browser, in that. */
public final class OpenPages {

    private static final Pattern RESULT = Pattern.compile("</h1>\\s*<p class=\"result\">([^<]*)</p>");
    private static final int LONGEST_RESULT = 400;
    private static final Pattern RECORD = Pattern.compile("\\w+\\[\\w+=");

    /** With a point: what has none is a count, an identity or a seed. Versions have several. */
    private static final Pattern DECIMAL =
            Pattern.compile("(?<![\\w.,+-])[-+]?\\d[\\d,]*\\.\\d+(?:[eE][-+]?\\d+)?(?![\\w.+-])");

    private static final int MOST_DIGITS = 6;

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
        isForPeople(Files.readString(page), name);
        if (Exhaustive.on() && Browser.isThere()) {
            Browser.opens(page.toUri(), name);
        }
    }

    /** Its first sentence says what came out; nowhere is the text of a record or a number that nobody can read. */
    private static void isForPeople(String page, String name) {
        String shown = page.replaceAll("(?s)<style>.*?</style>|<svg.*?</svg>|<h2>How to repeat it</h2>.*", "");
        Matcher first = RESULT.matcher(shown);
        assertTrue(first.find() && !first.group(1).isBlank(), name + " does not say what came out");
        assertTrue(first.group(1).length() <= LONGEST_RESULT, name + ": " + first.group(1));
        for (String line : shown.replaceAll("<[^>]*>", "\n").lines().toList()) {
            assertFalse(RECORD.matcher(line).find(), name + " shows a record's text: " + line);
            Matcher number = DECIMAL.matcher(line);
            while (number.find()) {
                String digits = number.group().replaceAll("[eE].*|\\D", "").replaceFirst("^0+", "");
                assertTrue(digits.length() <= MOST_DIGITS, name + " shows " + number.group() + " in: " + line);
            }
        }
    }

    /** The page of a job's report that was kept, as a command writes it, opens. */
    public static void opens(Report report, String command) throws IOException {
        ReportPage.write(report, List.of(command.split(" ", -1)), "0.1.0");
        opens(report.kept().orElseThrow(), command.replace(' ', '-'));
    }
}
