/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebook;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlView;
import org.amend4j.verify.Check;
import org.amend4j.verify.VerificationReport;

/**
 * Shows a verifier's report. The class is here because the verifier needs only a JDK and so knows no HTML.
 *
 * @param report of one certificate; its folder is not shown; a check that could not read a file names that file
 */
public record VerificationView(VerificationReport report) implements HtmlView {

    private static final List<String> HEADER = List.of("check", "outcome", "why");

    /** The result, then a row a check. */
    @Override
    public String toHtml() {
        Html html = Html.fragment().element("p", name() + ": " + report.summary());
        return html.table(
                        HEADER,
                        report.checks().stream()
                                .map(check -> List.of(check.name(), words(check.outcome()), check.sentence()))
                                .toList())
                .markup();
    }

    private String name() {
        Path file = report.certificate().getFileName();
        return Objects.requireNonNullElse(file, report.certificate()).toString();
    }

    private static String words(Check.Outcome outcome) {
        return outcome.name().replace('_', ' ').toLowerCase(Locale.ROOT);
    }
}
