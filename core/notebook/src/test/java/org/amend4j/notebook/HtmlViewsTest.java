/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.html.HtmlTable;
import org.amend4j.verify.Check;
import org.amend4j.verify.VerificationReport;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.Test;

class HtmlViewsTest {

    @Test
    void theKernelFindsIt() {
        assertTrue(ServiceLoader.load(Extension.class).stream()
                .anyMatch(extension -> extension.type() == HtmlViews.class));
    }

    @Test
    void aCellThatEndsInAResultShowsIt() {
        Renderer renderer = new Renderer();
        HtmlViews.registerIn(renderer);
        HtmlTable table = HtmlTable.of("rank").row(8);
        assertEquals(table.toHtml(), renderer.render(table).getData(MIMEType.TEXT_HTML));
    }

    @Test
    void aCellThatEndsInAVerifiersReportShowsItsChecksAndNotWhereTheFileIs() {
        Renderer renderer = new Renderer();
        HtmlViews.registerIn(renderer);
        VerificationReport report = new VerificationReport(
                Path.of("/home/somebody/certificate.json"),
                List.of(
                        new Check("document", Check.Outcome.PASSED, "a certificate of <format> 2"),
                        new Check("issuer", Check.Outcome.NOT_CHECKED, "no trusted key")));
        String html = new VerificationView(report).toHtml();
        assertEquals(html, renderer.render(report).getData(MIMEType.TEXT_HTML));
        assertTrue(html.contains("<p>certificate.json: UNAUTHENTICATED, 1 of 2 checks could not be made</p>"), html);
        assertTrue(html.contains(row("document", "passed", "a certificate of &lt;format&gt; 2")), html);
        assertTrue(html.contains(row("issuer", "not checked", "no trusted key")), html);
        assertFalse(html.contains("somebody"), html);
    }

    private static String row(String... cells) {
        return Stream.of(cells)
                .map(cell -> "<td style=\"text-align: left\">" + cell + "</td>\n")
                .collect(Collectors.joining("", "<tr>", "</tr>"));
    }
}
