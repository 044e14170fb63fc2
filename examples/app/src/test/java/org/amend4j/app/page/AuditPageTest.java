/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.audit.Attack;
import org.amend4j.audit.AttackScore;
import org.amend4j.audit.AuditReport;
import org.amend4j.audit.AuditRow;
import org.amend4j.audit.AuditedModel;
import org.amend4j.audit.ImpliedBounds;
import org.amend4j.privacy.GaussianPrivacy;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class AuditPageTest {

    private static AuditReport report() {
        List<AuditRow> rows = new ArrayList<>();
        for (AuditedModel model : AuditedModel.values()) {
            rows.add(new AuditRow(
                    Attack.LOSS_THRESHOLD, model, new AttackScore(0.5, 0.375, 0.625, 0.95, 0.0625, 42, 43, 0.03125)));
        }
        return new AuditReport(rows, Optional.of(ImpliedBounds.of(new GaussianPrivacy(0.25))));
    }

    /** And what the certificate says of itself stays text. */
    @Test
    void everyCellAndEveryRemarkIsThere() throws IOException {
        String hostile = "<script>\"'&</blockquote>\u202e";
        Document page = Pages.parsed(AuditPage.of("release-1" + hostile, "forgotten" + hostile, report()));
        String text = page.getDocumentElement().getTextContent();
        List<String> wanted = new ArrayList<>(report().remarks());
        report().table().forEach(wanted::addAll);
        wanted.add("forgotten" + hostile.replace("\u202e", "\\u{202E}"));
        wanted.forEach(word -> assertTrue(text.contains(word), word));
        assertEquals(0, page.getElementsByTagName("script").getLength());
        assertEquals(
                3, page.getElementsByTagName("tbody").item(0).getChildNodes().getLength() / 2);
    }
}
