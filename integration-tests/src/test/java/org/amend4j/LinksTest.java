/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links between pages lead somewhere: to a file, and to a heading in it. */
class LinksTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    /** Where the site is made, of these same pages. */
    private static final Path SITE = ROOT.resolve("docs/site/target");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^()\\s#]*)(#[^()\\s]*)?\\)");
    private static final Pattern CODE = Pattern.compile("(?s)```.*?```");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.*)$");

    @TempDir
    private Path folder;

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String name : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")) {
            pages.add(ROOT.resolve(name));
        }
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md") && !page.startsWith(SITE))
                    .sorted()
                    .forEach(pages::add);
        }
        return pages;
    }

    /** What a page's links do not reach. */
    private static List<String> broken(Path page) throws IOException {
        List<String> broken = new ArrayList<>();
        Matcher links = LINK.matcher(CODE.matcher(Files.readString(page)).replaceAll(""));
        while (links.find()) {
            String target = URLDecoder.decode(links.group(1), StandardCharsets.UTF_8);
            if (target.contains(":")) {
                continue;
            }
            Path file = target.isEmpty() ? page : page.resolveSibling(target).normalize();
            boolean there = Files.exists(file)
                    && (links.group(2) == null
                            || anchors(file).contains(links.group(2).substring(1)));
            if (!there) {
                broken.add(page.getFileName() + ": " + links.group());
            }
        }
        return broken;
    }

    /** As GitHub makes them: lower case, without punctuation, hyphens for spaces. */
    private static Set<String> anchors(Path file) throws IOException {
        Set<String> anchors = new HashSet<>();
        Matcher headings = HEADING.matcher(CODE.matcher(Files.readString(file)).replaceAll(""));
        while (headings.find()) {
            anchors.add(headings.group(1)
                    .strip()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}\\p{M} _-]", "")
                    .replace(' ', '-'));
        }
        return anchors;
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            broken.addAll(broken(page));
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void aLinkToNowhereIsNoticed() throws IOException {
        Path page = Files.writeString(
                folder.resolve("page.md"),
                "# A heading\n[a](#a-heading) [b](page.md#a-heading) [c](no.md) [d](#none)\n");
        assertEquals(List.of("page.md: ](no.md)", "page.md: ](#none)"), broken(page));
        assertTrue(anchors(page).contains("a-heading"));
    }
}
