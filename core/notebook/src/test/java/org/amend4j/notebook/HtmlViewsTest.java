/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ServiceLoader;
import org.amend4j.html.HtmlTable;
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
}
