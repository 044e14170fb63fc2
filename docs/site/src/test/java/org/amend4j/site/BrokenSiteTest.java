/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.site;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link SiteTest} looks for is found. */
class BrokenSiteTest {

    @TempDir
    private Path folder;

    @Test
    void aLinkToNowhereAndAStrangersScriptAreNoticed() throws IOException {
        Files.writeString(folder.resolve("a.html"), """
                <p id="here"><a href="#here">a</a> <a href="a.html#here">b</a> <a href="/">c</a> <a href="no.html">d</a>
                <a href="#none">e</a></p><script src="https://example.org/a.js"></script>""");
        Files.writeString(folder.resolve("index.html"), "<p>home</p>");
        Site site = new Site(folder, "/");
        assertEquals(List.of("a.html -> no.html", "a.html -> #none"), site.broken());
        assertEquals(List.of("a.html -> https://example.org/a.js"), site.foreign());
        assertEquals(2, site.pages().size());
    }
}
