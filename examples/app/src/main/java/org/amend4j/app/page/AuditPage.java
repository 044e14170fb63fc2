/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import java.util.List;
import org.amend4j.audit.AuditReport;
import org.amend4j.certificate.Certificate;
import org.amend4j.html.Html;

/**
 * Attacks on a release for people: the table, what its numbers mean, and the necessary caveats. Persons are counts only.
 */
public final class AuditPage {

    private AuditPage() {}

    /** The page of an audit of the release that a certificate is about. */
    public static String of(Certificate certificate, AuditReport report) {
        return of(certificate.claim().id(), certificate.claim().title(), report);
    }

    static String of(String id, String title, AuditReport report) {
        Html html = Sheet.begin(
                "attacks on " + id,
                "AUDIT",
                "UNCHECKED",
                "Attacks that were tried. One that fails is evidence, one that works on the unlearned model and not on the retrained"
                        + " one is an alarm; neither is a proof.");
        html.element("h1", "Audit of " + id);
        html.element("h2", "What was promised").element("blockquote", title);
        html.element("h2", "What was tried");
        html.element(
                "p",
                "Each attack tries to tell the persons who were forgotten from persons never trained on, by what a model says of their"
                        + " records. It is tried on the model before the deletion (original), on one trained again without the"
                        + " forgotten (retrained), and on the released one (unlearned).");
        List<List<String>> table = report.table();
        html.open("table").open("thead");
        row(html, "th", table.get(0));
        html.close().open("tbody");
        table.subList(1, table.size()).forEach(cells -> row(html, "td", cells));
        html.close().close();
        html.element("h2", "How to read it");
        html.open("table").open("tbody");
        Sheet.row(html, "AUC", "0 to 1", "Area under the attack's curve: 0.5 is guessing, 1 is certainty.");
        Sheet.row(html, "interval", "", "Where the area is, but for bad luck with these persons.");
        Sheet.row(html, "null sd", "", "How far the area strays from 0.5 by chance where there is nothing to tell.");
        Sheet.row(html, "deleted, unseen", "", "Persons counted, not their records.");
        Sheet.row(
                html,
                "TPR at 1 %",
                "0 to 1",
                "Share of the forgotten who are found when one in a hundred of the others is named wrongly; 0.01 is guessing.");
        html.close().close();
        html.element("h2", "What it does not say");
        Sheet.list(html, report.remarks(), "");
        html.element("h2", "How to repeat it").element("pre", "./amend4j unlearn audit DIR --data CSV --holdout CSV");
        html.element(
                "p", "It needs the data and the keys: only the operator can do it, or an auditor at the operator's.");
        return Sheet.end(html);
    }

    private static void row(Html html, String element, List<String> cells) {
        html.open("tr");
        cells.forEach(cell -> html.element(element, cell));
        html.close();
    }
}
