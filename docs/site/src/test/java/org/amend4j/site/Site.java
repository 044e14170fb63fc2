/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.site;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/**
 * Files of a site as links see them.
 *
 * @param folder what a web server gives out
 * @param base the path under which it does, which starts and ends with a slash
 */
record Site(Path folder, String base) {

    /** All pages, those of the API among them. */
    List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".html"))
                    .sorted()
                    .toList();
        }
    }

    Document read(Path page) throws IOException {
        return Jsoup.parse(page.toFile(), "UTF-8");
    }

    /** Links to pages and places that are not there, as {@code page -> link}. */
    List<String> broken() throws IOException {
        Map<Path, Set<String>> anchors = new HashMap<>();
        Map<Path, List<String>> links = new HashMap<>();
        for (Path page : pages()) {
            Document document = read(page);
            anchors.put(page, anchors(document));
            links.put(page, document.select("a[href]").eachAttr("href"));
        }
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (String link : links.get(page)) {
                if (!leadsSomewhere(page, link, anchors)) {
                    broken.add(folder.relativize(page) + " -> " + link);
                }
            }
        }
        return broken;
    }

    private static Set<String> anchors(Document document) {
        Set<String> anchors = new HashSet<>();
        for (Element element : document.select("[id], a[name]")) {
            anchors.add(element.id());
            anchors.add(element.attr("name"));
        }
        return anchors;
    }

    private boolean leadsSomewhere(Path page, String link, Map<Path, Set<String>> anchors) {
        if (link.contains(":")) {
            return true; // to elsewhere, which nobody here can reach
        }
        URI uri = URI.create(link);
        Path target = file(page, uri);
        String anchor =
                uri.getRawFragment() == null ? "" : URLDecoder.decode(uri.getRawFragment(), StandardCharsets.UTF_8);
        return Files.isRegularFile(target)
                && (anchor.isEmpty() || anchors.getOrDefault(target, Set.of()).contains(anchor));
    }

    private Path file(Path page, URI link) {
        String path = link.getPath();
        if (path.isEmpty()) {
            return page;
        }
        boolean fromBase = path.startsWith(base);
        Path target = fromBase
                ? folder.resolve(path.substring(base.length()))
                : page.resolveSibling(path).normalize();
        return Files.isDirectory(target) ? target.resolve("index.html") : target;
    }

    /** What pages load by themselves from other servers: nothing, if the site is to work without them. */
    List<String> foreign() throws IOException {
        List<String> foreign = new ArrayList<>();
        for (Path page : pages()) {
            Document document = read(page);
            Stream.concat(
                            document.select("[src]").eachAttr("src").stream(),
                            document.select("link[href]").eachAttr("href").stream())
                    .filter(address -> address.startsWith("//") || address.startsWith("http"))
                    .forEach(address -> foreign.add(folder.relativize(page) + " -> " + address));
        }
        return foreign;
    }
}
