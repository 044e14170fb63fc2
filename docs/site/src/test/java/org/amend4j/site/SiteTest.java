/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.site;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.amend4j.testkit.Browser;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The site as it was built: complete, sound in itself, and independent of other servers. */
class SiteTest {

    private static final Path DOCS = Path.of("..").toAbsolutePath().normalize();
    private static final Site SITE =
            new Site(Path.of(System.getProperty("amend4j.site")), System.getProperty("amend4j.site.base"));

    /** Profile site builds it, in CI always. */
    @BeforeEach
    void requireSite() {
        assumeTrue(Boolean.getBoolean("amend4j.site.built"), "the site was not built");
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>(SITE.broken());
        broken.remove("api/constant-values.html -> #org.amend4j"); // Javadoc 17's own
        assertEquals(List.of(), broken);
    }

    @Test
    void nothingComesFromAnotherServer() throws IOException {
        assertEquals(List.of(), SITE.foreign());
    }

    @Test
    void everyPageOfTheDocumentationAndEveryNotebookIsInTheNavigation() throws IOException {
        Document home = SITE.read(SITE.folder().resolve("index.html"));
        List<String> linked = home.select(".VPSidebar a[href]").eachAttr("href");
        List<String> missing = new ArrayList<>();
        for (Path page : sources()) {
            String address =
                    SITE.base() + DOCS.getParent().relativize(page).toString().replaceAll("\\.(md|ipynb)$", ".html");
            if (!linked.contains(address)) {
                missing.add(address);
            }
        }
        assertEquals(List.of(), missing);
    }

    /** Each download, laid down in an empty folder, is what the repository has. */
    @Test
    void whatIsDownloadedOfANotebookIsEverythingThatItReads() throws IOException {
        Path books = DOCS.resolveSibling("examples/notebooks");
        for (Path book : sources()) {
            String name = book.getFileName().toString();
            if (!name.endsWith(".ipynb")) {
                continue;
            }
            Path files = books.resolve(name.replace(".ipynb", ""));
            Path offered = SITE.folder().resolve("examples/notebooks");
            if (!Files.isDirectory(files)) {
                assertArrayEquals(Files.readAllBytes(book), Files.readAllBytes(offered.resolve(name)), name);
                continue;
            }
            Map<String, String> expected = new TreeMap<>(Map.of(name, digest(Files.readAllBytes(book))));
            try (Stream<Path> all = Files.walk(files)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    expected.put(books.relativize(file).toString(), digest(Files.readAllBytes(file)));
                }
            }
            Map<String, String> brought = new TreeMap<>();
            try (ZipInputStream zip =
                    new ZipInputStream(Files.newInputStream(offered.resolve(name.replace(".ipynb", ".zip"))))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    brought.put(entry.getName(), digest(zip.readAllBytes()));
                }
            }
            assertEquals(expected, brought);
        }
    }

    private static String digest(byte[] bytes) {
        return bytes.length + " bytes, " + Arrays.hashCode(bytes);
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (Path folder : List.of(DOCS, DOCS.resolve("guide"), DOCS.resolveSibling("examples/notebooks"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().matches(".*\\.(md|ipynb)")).forEach(sources::add);
            }
        }
        return sources;
    }

    @Test
    void everyFormulaIsDrawn() throws IOException {
        for (Path source : sources()) {
            if (source.toString().endsWith(".md")) {
                String name = DOCS.getParent().relativize(source).toString().replace(".md", ".html");
                Document page = SITE.read(SITE.folder().resolve(name));
                long formulas = Pattern.compile("(?m)^\\$\\$$")
                                .matcher(Files.readString(source))
                                .results()
                                .count()
                        / 2;
                assertEquals(
                        formulas,
                        page.select("mjx-container[display=true] > svg").size(),
                        name);
                assertEquals(0, page.select("[data-mml-node=merror]").size(), name);
            }
        }
    }

    @Test
    void itsPagesOpenOnADeskAndOnAPhone() throws IOException {
        assumeTrue(Browser.isThere(), "no browser");
        try (SiteServer server = new SiteServer(SITE.folder())) {
            for (String page : List.of("index", "docs/policy", "docs/benchmarks", "examples/notebooks/4-auditing")) {
                Browser.opens(server.address("/" + page + ".html"), page.replace('/', '-'));
            }
        }
    }

    @Test
    void itsSearchFindsAWordOfOnePage() throws IOException {
        assumeTrue(Browser.isThere(), "no browser");
        try (SiteServer server = new SiteServer(SITE.folder())) {
            Browser browser = Browser.the();
            browser.look(server.address("/index.html"), Browser.PICTURES.resolve("search.png"), 1000, false);
            String found = browser.value(SEARCH.replace("WORD", "rewind")).toString();
            assertTrue(found.contains("/docs/unlearning.html"), found);
        }
    }

    /** Types a word into the search and waits for where it leads. */
    private static final String SEARCH = """
            (async () => {
              const there = async find => {
                for (let tries = 0; tries < 400; tries++) {
                  const found = [...document.querySelectorAll(find)]
                  if (found.length > 0) return found
                  await new Promise(done => setTimeout(done, 50))
                }
                return []
              }
              const [button] = await there('.VPNavBarSearch button')
              button.click()
              const [input] = await there('.VPLocalSearchBox input')
              input.value = 'WORD'
              input.dispatchEvent(new Event('input'))
              return (await there('.VPLocalSearchBox a.result')).map(link => link.getAttribute('href'))
            })()""";
}
